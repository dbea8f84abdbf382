import type { Metadata, Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { accessWords } from "@/components/access/duration-words";
import { GrantBadge } from "@/components/access/grant-badge";
import { KeepGrantsFresh } from "@/components/access/keep-fresh";
import { What } from "@/components/access/what";
import { EmptyState } from "@/components/empty-state";
import { Environment } from "@/components/environment";
import { Isolated } from "@/components/isolated";
import { LinkButton } from "@/components/link-button";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { Privilege } from "@/components/privilege";
import { RefusalNote } from "@/components/refusal-note";
import { Badge, StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import type { GrantRow } from "@/lib/grants/grant-rows";
import { driftLabels, grantList } from "@/lib/grants/labels";
import { listGrants } from "@/lib/grants/queries";
import { listOwnStanding, type StandingRow } from "@/lib/grants/standing-queries";
import { emptyState } from "@/lib/lists/schema";
import { getOwnMove, type OwnMove, type OwnMoveStep } from "@/lib/offboarding/own-move-queries";
import { attempt } from "../attempt";
import { Collect } from "../grants/collect";
import { MoreTime } from "../grants/more-time";
import { RevokeOne } from "../grants/revoke-one";
import { endOf, Moving } from "./moving";

export const metadata: Metadata = { title: "My access" };

export default async function AccessPage() {
  const actor = await requireActor();
  const state = {
    ...emptyState(grantList),
    filters: [
      { field: "mine", not: false, values: ["true"] },
      { field: "state", not: true, values: ["ended"] },
    ],
    sort: { by: "ends", descending: false },
  };
  const read = await attempt(() =>
    Promise.all([listGrants(actor, { state, limit: 100 }), listOwnStanding(actor), getOwnMove(actor)]),
  );
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const [grants, standing, move] = read.value;
  return (
    <>
      <PageHeader title="My access" actions={<LinkButton href="/ask">Ask for access</LinkButton>} />
      <KeepGrantsFresh grants={grants.items} />
      <div className={css.page}>
        {move ? <Moving move={move} /> : null}
        {grants.items.length === 0 ? (
          <Panel title="For a time">
            <EmptyState title="Nothing is given to you for a time" actions={<Link href="/ask">Ask for access</Link>}>
              What you ask for and get stands here with the time that is left.
            </EmptyState>
          </Panel>
        ) : (
          <Panel title="For a time" aside="ends by itself" flush>
            <ul className={css.rows}>
              {grants.items.map((grant) => (
                <Held key={grant.id} grant={grant} />
              ))}
            </ul>
          </Panel>
        )}
        {grants.items
          .filter((grant) => grant.give === "credential" && grant.state === "active")
          .map((grant) => (
            <Collect key={grant.id} id={grant.id} title={credentialTitle(grant)} again={grant.deliveredAt !== null} />
          ))}
        <Standing items={standing.items} more={standing.more} move={move} />
      </div>
    </>
  );
}

// Two of the same access are told apart by what they were asked for with.
function credentialTitle({ permission, resource, requestNumber }: GrantRow): string {
  const request = requestNumber === null ? "" : `, R-${requestNumber}`;
  return `Credential for ${accessWords({ permission, resource: resource.name })}${request}`;
}

function Held({ grant }: { grant: GrantRow }) {
  const name = accessWords({ permission: grant.permission, resource: grant.resource.name });
  const live = grant.state === "active";
  return (
    <li className={css.row}>
      <span className={css.grow}>
        <Link href={`/grants/${grant.id}` as Route} prefetch={false}>
          <What permission={grant.permission} resource={grant.resource.name} connection={grant.connection.name} />
        </Link>
        <Failure grant={grant} />
      </span>
      <Privilege level={grant.privilege} />
      {grant.drift ? <Badge tone="amber">{driftLabels[grant.drift]}</Badge> : null}
      <GrantBadge state={grant.state} endsAt={grant.endsAt} endedBecause={grant.endedBecause} />
      {grant.confirmBy ? <LinkButton href={`/grants/${grant.id}` as Route}>Begin it</LinkButton> : null}
      {live ? <MoreTime grant={grant} name={name} /> : null}
      {live || grant.state === "scheduled" ? (
        <RevokeOne id={grant.id} name={name}>
          Give back
        </RevokeOne>
      ) : null}
    </li>
  );
}

// What failed is said where it is looked for, with what helps and when it is tried again.
function Failure({ grant: { state, lastError, nextTryAt } }: { grant: GrantRow }) {
  if (lastError === null || !["activation_failed", "ending_failed", "activating", "ending"].includes(state))
    return null;
  return (
    <span className={css.failure}>
      {lastError.message}. {lastError.remedy}{" "}
      {nextTryAt ? (
        <>
          Tried again <Time at={nextTryAt} />.
        </>
      ) : (
        "Not tried again by itself; security can."
      )}
    </span>
  );
}

type StandingProps = { items: StandingRow[]; more: boolean; move: OwnMove | null };

function Standing({ items, more, move }: StandingProps) {
  const ends = new Map((move?.steps ?? []).filter(isLeft).map((step) => [step.edge, step]));
  return (
    <Panel
      title="Standing"
      aside={
        items.some(({ edge }) => ends.has(edge))
          ? "nobody here can say why; held without an end, but for what your move ends"
          : "held without an end; nobody here can say why"
      }
      flush={items.length > 0 ? true : undefined}
    >
      {items.length === 0 ? (
        <p className="dimmed">Nothing that the inventory knows: all you hold directly has its reason.</p>
      ) : (
        <ul className={css.rows}>
          {items.map((row) => (
            <li key={row.key} className={css.row}>
              <span className={css.grow}>
                <What permission={row.permission} resource={row.resource} connection={row.connection} />{" "}
                <span className="dimmed">
                  as <Isolated mono value={row.account} />, seen since <Time at={row.since} />
                </span>
              </span>
              <End step={ends.get(row.edge)} />
              <Privilege level={row.privilege} />
              <Environment value={environmentOf(row.environment)} />
            </li>
          ))}
          {more ? <li className={css.row}>There is more; your page in Identities has all of it.</li> : null}
        </ul>
      )}
    </Panel>
  );
}

// What is taken already, or stays by somebody's word, is told by the move alone.
function isLeft({ state }: OwnMoveStep): boolean {
  return !["verified", "by_hand", "dropped", "restored"].includes(state);
}

function End({ step }: { step: OwnMoveStep | undefined }) {
  return step ? (
    <StatusBadge of="offboardingStep" state={step.state}>
      {endOf(step)}
    </StatusBadge>
  ) : null;
}

function environmentOf(text: string) {
  return text === "production" || text === "staging" || text === "development" ? text : null;
}
