import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { PlainTable } from "@/components/plain-table";
import { Time } from "@/components/time";
import type { Consumer } from "@/lib/offboarding/schema";

type Caller = Omit<Consumer, "lastAt"> & { lastAt: string | Date };

/** Who calls with a machine identity: from where, as which account, when last, how often. */
export function CallersTable({ label, callers }: { label: string; callers: readonly Caller[] }) {
  return (
    <PlainTable
      label={label}
      columns={[
        { key: "from", label: "From" },
        { key: "as", label: "As" },
        { key: "last", label: "Last" },
        { key: "uses", label: "Uses", end: true },
      ]}
      rows={callers.map((it) => ({
        key: `${it.account} ${it.connection} ${it.from}`,
        cells: {
          from: it.from === null ? "an unknown place" : <Isolated value={it.from} />,
          as: (
            <span>
              <Isolated value={it.account} /> in <Isolated value={it.connection} />
            </span>
          ),
          last: <Time at={it.lastAt} />,
          uses: numberWords(it.uses),
        },
      }))}
    />
  );
}
