import { ActButton } from "@/components/act-button";
import type { ListedPerson } from "@/lib/auth/queries";
import { disable, enable, endAll } from "../actions";

type Props = { person: ListedPerson; mayDisable: boolean; mayEnable: boolean };

/** Disabling and enabling, with what goes said beforehand. */
export function PersonActs({ person, mayDisable, mayEnable }: Props) {
  if (person.status === "disabled") {
    return mayEnable ? (
      <ActButton
        act={enable}
        input={{ userId: person.id }}
        confirm={{
          title: `Enable ${person.name} again?`,
          text: `They can sign in again, with these roles: ${person.roles.join(", ") || "none"}.`,
          confirmLabel: "Enable 1 person",
        }}
      >
        Enable
      </ActButton>
    ) : null;
  }
  if (!mayDisable) return null;
  const input = { userId: person.id };
  return (
    <>
      {person.sessions > 0 ? (
        <ActButton
          act={endAll}
          input={input}
          destructive
          confirm={{
            title: `End every session of ${person.name}?`,
            effects: [
              { what: counted(person.sessions, "session ends", "sessions end"), detail: "they can sign in again" },
            ],
            confirmLabel: `End ${counted(person.sessions, "session", "sessions")}`,
          }}
        >
          End all sessions
        </ActButton>
      ) : null}
      <ActButton
        act={disable}
        input={input}
        destructive
        confirm={{
          title: `Disable ${person.name} in Rollcall?`,
          effects: [
            { what: counted(person.sessions, "session ends", "sessions end"), detail: "the next request is refused" },
            { what: counted(person.tokens, "API token opens nothing", "API tokens open nothing") },
            { what: counted(person.passkeys, "passkey opens nothing", "passkeys open nothing") },
          ],
          mayBreak: "Only Rollcall itself is closed to them. Their accounts in other systems stay as they are.",
          confirmLabel: "Disable 1 person",
        }}
      >
        Disable
      </ActButton>
    </>
  );
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
