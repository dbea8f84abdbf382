import type { Metadata, Route } from "next";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { Ways } from "@/components/table-panel";
import { listApiTokens } from "@/lib/auth/api-token-queries";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { attempt } from "../attempt";
import { TokenTable } from "../people/token-table";
import { revoke } from "./actions";
import { TokenForm } from "./token-form";
import css from "./tokens.module.css";

export const metadata: Metadata = { title: "API tokens" };

type Props = { searchParams: Promise<{ cursor?: string | string[] }> };

/** Every API token there is, of programs and of people, and making one. */
export default async function TokensPage({ searchParams }: Props) {
  const actor = await requireActor();
  const { cursor } = await searchParams;
  const place = typeof cursor === "string" ? cursor : undefined;
  const read = await attempt(() => listApiTokens(actor, { limit: 50, cursor: place }));
  const revokes = may(actor, "token:revoke") ? revoke : undefined;
  return (
    <>
      <PageHeader title="API tokens" />
      <div className={css.page}>
        {may(actor, "token:create") ? (
          <Panel title="A new token">
            <TokenForm />
          </Panel>
        ) : null}
        {read.ok ? (
          <Panel title="Tokens" aside="newest first" flush={read.value.items.length > 0 ? true : undefined}>
            {read.value.items.length > 0 ? (
              <TokenTable tokens={read.value.items} revoke={revokes} whose />
            ) : (
              <p className="dimmed">None yet. Programs call the API with one, and people at a terminal.</p>
            )}
            <Ways
              ways={[
                place ? { label: "Back to the newest", href: "/tokens" as Route } : null,
                read.value.nextCursor
                  ? { label: "Older", href: `/tokens?cursor=${encodeURIComponent(read.value.nextCursor)}` as Route }
                  : null,
              ]}
            />
          </Panel>
        ) : (
          <RefusalNote refusal={read.refusal} />
        )}
      </div>
    </>
  );
}
