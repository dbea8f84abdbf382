import type { Route } from "next";
import Link from "next/link";
import { Name } from "@/components/name";
import { Initials } from "@/components/owner";
import { PlainTable } from "@/components/plain-table";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { ListedPerson } from "@/lib/auth/queries";
import css from "./people.module.css";

const columns = [
  { key: "person", label: "Person" },
  { key: "roles", label: "Roles" },
  { key: "source", label: "Set by" },
  { key: "status", label: "Status" },
  { key: "signedIn", label: "Signed in" },
  { key: "sessions", label: "Sessions", end: true },
  { key: "tokens", label: "Tokens", end: true },
] as const;

/** Everybody who signs in, and what they may. @param userId of the reader, who is marked. */
export function PeopleTable({ people, userId }: { people: readonly ListedPerson[]; userId: string }) {
  return (
    <PlainTable
      label="People"
      columns={columns}
      rows={people.map((person) => ({
        key: person.id,
        over: person.status === "disabled",
        cells: {
          person: <Person person={person} isReader={person.id === userId} />,
          roles: person.roles.length > 0 ? person.roles.join(", ") : "none",
          source: person.roleSource === "person" ? "a person here" : "groups",
          status: <StatusBadge of="person" state={person.status} />,
          signedIn: person.lastSignInAt ? <Time at={person.lastSignInAt} /> : "not yet",
          sessions: person.sessions,
          tokens: person.tokens,
        },
      }))}
    />
  );
}

function Person({ person, isReader }: { person: ListedPerson; isReader: boolean }) {
  return (
    <span className={css.inline}>
      <Initials name={person.name} size={24} />
      <span className={css.two}>
        <Link href={`/people/${person.id}` as Route} className={css.strong} prefetch={false}>
          <Name value={person.name} />
          {isReader ? " (you)" : ""}
        </Link>
        {person.email ? <span className="dimmed">{person.email}</span> : null}
      </span>
    </span>
  );
}
