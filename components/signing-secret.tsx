import css from "./signing-secret.module.css";

/** A secret by which what a webhook gets is signed; shown this once. @param of what it gets: "a message" */
export function SigningSecret({ secret, of }: { secret: string; of: string }) {
  return (
    <div className={css.secret} role="status">
      <strong>The signing secret, shown this once</strong>
      <code>{secret}</code>
      <span>Give it to the receiver, which checks by it that {of} is from here (Standard Webhooks).</span>
    </div>
  );
}
