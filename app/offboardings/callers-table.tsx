import type { Route } from "next";
import Link from "next/link";
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
          from: <From caller={it} />,
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

function From({ caller: { from, known } }: { caller: Caller }) {
  if (from === null) return "an unknown place";
  if (!known) return <Isolated value={from} />;
  return (
    <span>
      <Link href={`/identities/${known.id}` as Route} prefetch={false}>
        <Isolated value={from} />
      </Link>{" "}
      <span className="dimmed">
        {known.answers === null ? (
          "nobody answers for it"
        ) : known.answers.id === known.id ? (
          "a person here"
        ) : (
          <>
            <Isolated value={known.answers.name} /> answers for it
          </>
        )}
      </span>
    </span>
  );
}
