import { numberWords } from "@/components/count";
import { Name } from "@/components/name";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { getUsageCalendar, listIdentityOrigins } from "@/lib/inventory/identity-use-queries";
import { attempt } from "../../attempt";
import css from "./identity.module.css";
import { UseCalendar } from "./use-calendar";

/** When and from where this identity was used. */
export async function UsedFromTab({ id }: { id: string }) {
  const read = await attempt(async () => {
    const actor = await requireActor();
    return Promise.all([listIdentityOrigins(actor, { id }), getUsageCalendar(actor, { id })]);
  });
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const [origins, calendar] = read.value;
  return (
    <>
      <UseCalendar calendar={calendar} />
      <section className={css.panel} aria-label="Used from">
        <div className={css.wide}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">System</th>
                <th scope="col" className="num">
                  Uses
                </th>
                <th scope="col" className="num">
                  Days
                </th>
                <th scope="col">First seen</th>
                <th scope="col">Last seen</th>
              </tr>
            </thead>
            <tbody>
              {origins.map((origin) => (
                <tr key={`${origin.from} ${origin.connection}`}>
                  <td>
                    <Name value={origin.from} mono strong />
                  </td>
                  <td>{origin.connection}</td>
                  <td className="num">{numberWords(origin.uses)}</td>
                  <td className="num">{numberWords(origin.days)}</td>
                  <td>
                    <Time at={origin.firstAt} />
                  </td>
                  <td>
                    <Time at={origin.lastAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
}
