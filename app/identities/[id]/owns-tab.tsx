import Link from "next/link";
import { KindIcon } from "@/components/kind-icon";
import { LastUse } from "@/components/last-use";
import { Name } from "@/components/name";
import { Privilege } from "@/components/privilege";
import { RefusalNote } from "@/components/refusal-note";
import { TablePanel } from "@/components/table-panel";
import { requireActor } from "@/lib/auth/current-actor";
import { listOwned } from "@/lib/inventory/identity-use-queries";
import { attempt } from "../../attempt";
import css from "./identity.module.css";

const columns = [
  { key: "identity", label: "Identity" },
  { key: "as", label: "As" },
  { key: "privilege", label: "Privilege" },
  { key: "lastUse", label: "Last use" },
] as const;

/** What this identity answers for. */
export async function OwnsTab({ id }: { id: string }) {
  const read = await attempt(async () => listOwned(await requireActor(), { id }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  return (
    <TablePanel
      label="Owns"
      columns={columns}
      rows={read.value.map((owned) => ({
        key: owned.id,
        cells: {
          identity: (
            <Link href={`/identities/${owned.id}`} prefetch={false} className={css.owned}>
              <KindIcon kind={owned.kind} /> <Name value={owned.name} strong />
            </Link>
          ),
          as: owned.as,
          privilege: <Privilege level={owned.privilege} />,
          lastUse: <LastUse use={owned.lastUse} />,
        },
      }))}
    />
  );
}
