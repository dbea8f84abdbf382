import { IconUser } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { AsOf } from "@/components/as-of";
import { Environment } from "@/components/environment";
import { Isolated } from "@/components/isolated";
import { KindIcon } from "@/components/kind-icon";
import { LastUse } from "@/components/last-use";
import { LinkButton } from "@/components/link-button";
import { Owner } from "@/components/owner";
import { PageHeader } from "@/components/page-header";
import { FactStrip } from "@/components/panel";
import { Privilege } from "@/components/privilege";
import { Badge, StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Actor } from "@/lib/auth/actor";
import { may, reachOf } from "@/lib/auth/authorize";
import type { IdentityDetail } from "@/lib/inventory/identity-queries";
import { criticalityLabels, kindLabels } from "@/lib/inventory/labels";
import { momentOf } from "../../moment";
import { EditIdentity } from "./edit-identity";
import css from "./identity.module.css";
import type { Search } from "./search";

type Props = { identity: IdentityDetail; search: Search; actor: Actor };

/** Who or what this is, its state, and the facts that one asks for first. */
export function IdentityHeader({ identity, search, actor }: Props) {
  const past = momentOf(search.at);
  return (
    <>
      <PageHeader
        title={identity.name}
        breadcrumb={[{ label: "Identities", href: "/identities" }]}
        icon={<KindIcon kind={identity.kind} size={26} />}
        badges={
          <>
            {identity.isYou ? (
              <Badge tone="blue" icon={IconUser}>
                You
              </Badge>
            ) : null}
            <StatusBadge of="identity" state={identity.removedAt ? "gone" : identity.status} />
          </>
        }
        actions={
          <>
            <AsOf
              path={`/identities/${identity.id}`}
              keep={{ tab: search.tab, show: search.show }}
              at={search.at}
              firstSeenAt={identity.firstSeenAt}
            />
            {mayStartLeaving(actor, identity) ? (
              <LinkButton
                href={`/offboardings/new?identity=${identity.id}` as Route}
                variant="outline"
                color="red"
                size="compact-sm"
              >
                {identity.kind === "human" ? "Leaves…" : "Retire…"}
              </LinkButton>
            ) : null}
            {mayEdit(actor, identity) ? <EditIdentity identity={editable(identity)} /> : null}
          </>
        }
      />
      <div className={css.page}>
        {past ? (
          <p className={css.past} role="status">
            Access as it was on <Time at={past} as="full" />. The facts above the tabs are those of now.
          </p>
        ) : null}
        <FactStrip facts={factsOf(identity)} />
      </div>
    </>
  );
}

// Whoever sees somebody else as their own is their manager or its owner; the command asks again.
function mayStartLeaving(actor: Actor, identity: IdentityDetail): boolean {
  if (identity.removedAt || identity.isYou) return false;
  return reachOf(actor, "offboarding:start") === "all" || reachOf(actor, "identity:read") === "own";
}

function mayEdit(actor: Actor, identity: IdentityDetail): boolean {
  if (identity.removedAt) return false;
  if (may(actor, "identity:edit")) return true;
  const mine = actor.type === "person" ? actor.identityId : null;
  return mine !== null && [identity.owner?.id, identity.backupOwner?.id].includes(mine);
}

function editable(identity: IdentityDetail) {
  const { id, name, kind, kindReason, owner, backupOwner, purpose, environment, criticality } = identity;
  return { id, name, kind, kindReason, owner, backupOwner, purpose, environment, criticality };
}

function factsOf(identity: IdentityDetail) {
  const human = identity.kind === "human";
  const facts = [
    human ? managerOf(identity) : ownerOf(identity),
    human
      ? {
          label: "Works as",
          value: [identity.title, identity.department].filter(Boolean).join(", ") || dim("not said by a source"),
        }
      : { label: "Purpose", value: identity.purpose ?? dim("not set") },
    { label: "Environment", value: <Environment value={identity.environment} /> },
    { label: "Highest privilege", value: <Privilege level={identity.privilege} /> },
    { label: "Last use", value: <LastUse use={identity.lastUse} /> },
    {
      label: "Oldest key",
      value: identity.oldestCredentialAt ? (
        <Time at={identity.oldestCredentialAt} as="age" className={css.age} />
      ) : (
        dim(identity.credentialCount > 0 ? "age unknown" : "no key")
      ),
    },
    { label: "Kind", value: <span data-tip={identity.kindReason}>{kindLabels[identity.kind]}</span> },
  ];
  if (identity.criticality) facts.push({ label: "Criticality", value: <>{criticalityLabels[identity.criticality]}</> });
  if (human && identity.email) facts.push({ label: "E-mail", value: <Isolated value={identity.email} /> });
  return facts;
}

const dim = (words: string) => <span className={css.dim}>{words}</span>;

function managerOf({ manager }: IdentityDetail) {
  return {
    label: "Manager",
    value: manager ? <Person person={manager} /> : dim("not said by a source"),
  };
}

function ownerOf({ owner, backupOwner }: IdentityDetail) {
  return {
    label: "Owner",
    value: (
      <>
        {owner ? <Person person={owner} /> : <Owner name={null} />}
        {backupOwner ? (
          <span className={css.dim}>
            or <Link href={`/identities/${backupOwner.id}`}>{backupOwner.name}</Link>
          </span>
        ) : null}
      </>
    ),
  };
}

function Person({ person }: { person: { id: string; name: string } }) {
  return (
    <Link href={`/identities/${person.id}`} className={css.person}>
      <Owner name={person.name} />
    </Link>
  );
}
