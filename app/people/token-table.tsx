import { ActButton } from "@/components/act-button";
import { Name } from "@/components/name";
import { PlainTable } from "@/components/plain-table";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { ListedToken } from "@/lib/auth/api-token-queries";
import type { ActionResult } from "@/lib/errors";

const columns = [
  { key: "name", label: "Name" },
  { key: "for", label: "Acts as" },
  { key: "secret", label: "Ends with" },
  { key: "scopes", label: "Scopes" },
  { key: "status", label: "Status" },
  { key: "used", label: "Last used" },
  { key: "ends", label: "Ends" },
  { key: "acts", label: "Actions", quiet: true, end: true },
] as const;

type Props = {
  tokens: readonly ListedToken[];
  /** Ends one; absent where the reader may not. */
  revoke?: (input: { id: string }) => Promise<ActionResult<unknown>>;
  /** They are of several: say whose each is. */
  whose?: true;
};

/** API tokens: what they may, when they were last used, when they end. */
export function TokenTable({ tokens, revoke, whose }: Props) {
  return (
    <PlainTable
      label="API tokens"
      columns={whose ? columns : columns.filter((column) => column.key !== "for")}
      rows={tokens.map((token) => ({
        key: token.id,
        over: token.status !== "live",
        cells: {
          name: <Name value={token.name} strong />,
          for: token.for ? <Name value={token.for} /> : <span className="dimmed">a program of its own</span>,
          secret: <span className="mono">…{token.hint}</span>,
          scopes: token.scopes.includes("all") ? "everything the person may" : token.scopes.join(", "),
          status: (
            <StatusBadge
              of="token"
              state={({ live: "active", ended: "expired", revoked: "revoked" } as const)[token.status]}
            />
          ),
          used: token.lastUsedAt ? <Time at={token.lastUsedAt} /> : "not since it was made",
          ends: <Time at={token.expiresAt} as="date" />,
          acts: revoke && token.status === "live" ? <Revoke token={token} revoke={revoke} /> : null,
        },
      }))}
    />
  );
}

function Revoke({ token, revoke }: { token: ListedToken; revoke: NonNullable<Props["revoke"]> }) {
  return (
    <ActButton
      act={revoke}
      input={{ id: token.id }}
      destructive
      name={`Revoke the token ${token.name}`}
      confirm={{
        title: `Revoke the token ${token.name}?`,
        effects: [{ what: "1 token opens nothing any more", detail: `ends with …${token.hint}` }],
        mayBreak: "Whatever program uses it is refused from its next call on.",
        confirmLabel: "Revoke 1 token",
      }}
    >
      Revoke
    </ActButton>
  );
}
