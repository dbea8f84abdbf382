import { numberWords } from "@/components/count";
import { Name } from "@/components/name";
import { RefusalNote } from "@/components/refusal-note";
import { TablePanel } from "@/components/table-panel";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { getUsageCalendar, listIdentityOrigins } from "@/lib/inventory/identity-use-queries";
import { attempt } from "../../attempt";
import { UseCalendar } from "./use-calendar";

const columns = [
  { key: "from", label: "From" },
  { key: "system", label: "System" },
  { key: "uses", label: "Uses", end: true },
  { key: "days", label: "Days", end: true },
  { key: "first", label: "First seen" },
  { key: "last", label: "Last seen" },
] as const;

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
      <TablePanel
        label="Used from"
        columns={columns}
        rows={origins.map((origin) => ({
          key: `${origin.from} ${origin.connection}`,
          cells: {
            from: <Name value={origin.from} mono strong />,
            system: origin.connection,
            uses: numberWords(origin.uses),
            days: numberWords(origin.days),
            first: <Time at={origin.firstAt} />,
            last: <Time at={origin.lastAt} />,
          },
        }))}
      />
    </>
  );
}
