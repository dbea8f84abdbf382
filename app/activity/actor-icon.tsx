import { IconServer2 } from "@tabler/icons-react";
import { KindIcon } from "@/components/kind-icon";
import css from "./activity.module.css";

/** Who acted, in their box: a person, a program with a token, or Rollcall itself. */
export function ActorIcon({ type }: { type: string }) {
  if (type === "person") return <KindIcon kind="human" worded />;
  if (type === "workload") return <KindIcon kind="api_client" worded />;
  return (
    <span className={css.self}>
      <IconServer2 size={13} stroke={1.7} aria-hidden />
    </span>
  );
}

/** What Rollcall's own parts are called: the part's name after the product's. */
export function actorWords(actor: { type: string; name: string }): string {
  return actor.type === "system" ? `Rollcall, ${actor.name}` : actor.name;
}
