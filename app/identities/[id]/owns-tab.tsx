import Link from "next/link";
import { KindIcon } from "@/components/kind-icon";
import { LastUse } from "@/components/last-use";
import { Name } from "@/components/name";
import { Privilege } from "@/components/privilege";
import { RefusalNote } from "@/components/refusal-note";
import { requireActor } from "@/lib/auth/current-actor";
import { listOwned } from "@/lib/inventory/identity-use-queries";
import { attempt } from "../../attempt";
import css from "./identity.module.css";

/** What this identity answers for. */
export async function OwnsTab({ id }: { id: string }) {
  const read = await attempt(async () => listOwned(await requireActor(), { id }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  return (
    <section className={css.panel} aria-label="Owns">
      <div className={css.wide}>
        <table className={css.table}>
          <thead>
            <tr>
              {["Identity", "As", "Privilege", "Last use"].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {read.value.map((owned) => (
              <tr key={owned.id}>
                <td>
                  <Link href={`/identities/${owned.id}`} prefetch={false} className={css.owned}>
                    <KindIcon kind={owned.kind} /> <Name value={owned.name} strong />
                  </Link>
                </td>
                <td>{owned.as}</td>
                <td>
                  <Privilege level={owned.privilege} />
                </td>
                <td>
                  <LastUse use={owned.lastUse} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
