import type { Metadata, Route } from "next";
import Link from "next/link";
import { PageHeader } from "@/components/page-header";
import { FactStrip, Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { PersonActor } from "@/lib/auth/actor";
import { listApiTokens } from "@/lib/auth/api-token-queries";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { getPerson, type ListedPerson, listSessions } from "@/lib/auth/queries";
import { attempt } from "../../attempt";
import { endOne, revoke } from "../actions";
import css from "../people.module.css";
import { SessionTable } from "../session-table";
import { TokenTable } from "../token-table";
import { PersonActs } from "./person-acts";
import { RolesForm } from "./roles-form";

export const metadata: Metadata = { title: "Person" };

type Props = { params: Promise<{ id: string }> };

export default async function PersonPage({ params }: Props) {
  const actor = await requireActor();
  const { id } = await params;
  const read = await attempt(() => readPerson(actor, id));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { person, sessions, tokens } = read.value;
  const isReader = person.id === actor.userId;
  return (
    <>
      <PageHeader
        title={person.name}
        breadcrumb={[{ label: "People and roles", href: "/people" }]}
        badges={<StatusBadge of="person" state={person.status} />}
        actions={
          <PersonActs
            person={person}
            mayDisable={may(actor, "person:disable") && !isReader}
            mayEnable={may(actor, "person:enable")}
          />
        }
      />
      <div className={css.page}>
        <Facts person={person} />
        <Panel
          title="Roles"
          aside={person.roleSource === "person" ? "set by a person here" : "follow the groups of the single sign-on"}
        >
          <RolesForm
            key={person.roles.join()}
            person={person}
            mayChange={may(actor, "person:set_role") && !isReader}
            isReader={isReader}
          />
        </Panel>
        <Panel title="Sessions" flush={sessions !== null && sessions.length > 0 ? true : undefined}>
          {sessions === null ? (
            <p className="dimmed">Hidden by your role: sessions are shown to security and administrators.</p>
          ) : sessions.length > 0 ? (
            <SessionTable sessions={sessions} end={may(actor, "session:end") ? endOne : undefined} />
          ) : (
            <p className="dimmed">None stands.</p>
          )}
        </Panel>
        <Panel title="API tokens" aside="act as this person" flush={tokens.length > 0 ? true : undefined}>
          {tokens.length > 0 ? (
            <TokenTable tokens={tokens} revoke={may(actor, "token:revoke") ? revoke : undefined} />
          ) : (
            <p className="dimmed">There are none.</p>
          )}
        </Panel>
      </div>
    </>
  );
}

async function readPerson(actor: PersonActor, id: string) {
  const person = await getPerson(actor, id);
  const [sessions, tokens] = await Promise.all([
    may(actor, "session:read") ? listSessions(actor, { userId: person.id }) : null,
    listApiTokens(actor, { limit: 100, userId: person.id }),
  ]);
  return { person, sessions, tokens: tokens.items };
}

function Facts({ person }: { person: ListedPerson }) {
  const identity = person.identityId ? (
    <Link href={`/identities/${person.identityId}` as Route}>In the inventory</Link>
  ) : (
    "Not in the inventory"
  );
  return (
    <FactStrip
      facts={[
        { label: "E-mail", value: person.email ?? "none verified" },
        { label: "Identity", value: identity },
        { label: "First came", value: <Time at={person.createdAt} /> },
        { label: "Signed in", value: person.lastSignInAt ? <Time at={person.lastSignInAt} /> : "not yet" },
        { label: "Passkeys", value: person.passkeys },
      ]}
    />
  );
}
