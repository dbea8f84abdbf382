import css from "../messages.module.css";

/** A secret by which a webhook's messages are signed; shown this once. */
export function SigningSecret({ secret }: { secret: string }) {
  return (
    <div className={css.secret} role="status">
      <strong>The signing secret, shown this once</strong>
      <code>{secret}</code>
      <span>Give it to the receiver, which checks by it that a message is from here (Standard Webhooks).</span>
    </div>
  );
}
