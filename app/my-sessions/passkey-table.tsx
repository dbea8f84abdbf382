import { ActButton } from "@/components/act-button";
import { PlainTable } from "@/components/plain-table";
import { Time } from "@/components/time";
import type { ListedPasskey } from "@/lib/auth/queries";
import { remove } from "./actions";
import { PasskeyName } from "./passkey-name";

const columns = [
  { key: "name", label: "Name" },
  { key: "added", label: "Added" },
  { key: "used", label: "Last used" },
  { key: "acts", label: "Actions", quiet: true, end: true },
] as const;

/** One's passkeys: name them, remove them. */
export function PasskeyTable({ passkeys }: { passkeys: readonly ListedPasskey[] }) {
  const isLast = passkeys.length === 1;
  return (
    <PlainTable
      label="Passkeys"
      columns={columns}
      rows={passkeys.map((passkey) => ({
        key: passkey.id,
        cells: {
          name: <PasskeyName passkey={{ id: passkey.id, name: passkey.name }} />,
          added: <Time at={passkey.createdAt} />,
          used: passkey.lastUsedAt ? <Time at={passkey.lastUsedAt} /> : "not since it was added",
          acts: (
            <ActButton
              act={remove}
              input={{ id: passkey.id }}
              destructive
              name={`Remove the passkey ${passkey.name}`}
              confirm={{
                title: `Remove the passkey ${passkey.name}?`,
                effects: [{ what: "1 passkey opens nothing any more", detail: passkey.name }],
                ...(isLast
                  ? { mayBreak: "It is your last one. Without single sign-on you get in only by a one-time link." }
                  : {}),
                confirmLabel: "Remove 1 passkey",
              }}
            >
              Remove
            </ActButton>
          ),
        },
      }))}
    />
  );
}
