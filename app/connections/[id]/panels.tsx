import { Isolated } from "@/components/isolated";
import { UseLine } from "@/components/last-use";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { ConnectionDetail } from "@/lib/connections/queries";
import type { SettingsField } from "@/lib/connectors/typed-settings";
import css from "../connections.module.css";
import { coverageLines } from "../words";

/** What stays invisible to Rollcall in this system, why, and what would change that. */
export function SightPanel({ connection }: { connection: ConnectionDetail }) {
  const { cannotSee, lastReadAt } = connection;
  return (
    <Panel title="What cannot be seen here" aside={cannotSee.length > 0 ? String(cannotSee.length) : undefined} flush>
      {cannotSee.length === 0 ? (
        <p style={{ padding: 12 }} className="dimmed">
          {lastReadAt ? "Nothing that the connector knows of." : "Known after the first sync."}
        </p>
      ) : (
        <ul className={css.lines}>
          {cannotSee.map((line) => (
            <li key={line.what}>
              <strong>{line.what}</strong>
              <span>{line.because}</span>
              <span className="dimmed">{line.remedy}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** How far this system tells of use. */
export function UsePanel({ coverage }: { coverage: ConnectionDetail["coverage"] }) {
  return (
    <Panel title="What it tells of use" flush>
      <ul className={css.lines}>
        {coverageLines(coverage).map((line) => (
          <li key={line.subjects.join()}>
            <span className={css.coverage}>
              <UseLine state={line.state} />
              <strong>Use of {line.subjects.join(", ")}</strong>
              {line.state === "used" ? (
                <span>
                  every use{" "}
                  {line.since ? (
                    <>
                      since <Time at={line.since} as="date" />
                    </>
                  ) : null}
                </span>
              ) : (
                <span className="dimmed" style={{ whiteSpace: "nowrap" }}>
                  unknown
                </span>
              )}
            </span>
            {line.because ? <span className="dimmed">{line.because}</span> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** The settings as they are; of secrets only that there are some. */
export function SettingsPanel({
  connection,
  fields,
}: {
  connection: ConnectionDetail;
  fields: readonly SettingsField[];
}) {
  return (
    <Panel title="Settings">
      <dl className={css.facts}>
        {fields.map((field) => (
          <div key={field.name} style={{ display: "contents" }}>
            <dt>{field.title}</dt>
            <dd>
              <Isolated value={wordsOf(connection.settings[field.name])} />
            </dd>
          </div>
        ))}
        <dt>Secrets</dt>
        <dd>{connection.hasSecrets ? "kept encrypted; never shown" : "none"}</dd>
        <dt>People come from here</dt>
        <dd>{connection.isIdentitySource ? "yes" : "no"}</dd>
        <dt>Brake</dt>
        <dd>
          pauses a sync that would remove more than {percent(connection.brakeKindShare)} of a kind or{" "}
          {percent(connection.brakeAssignmentShare)} of all assignments
        </dd>
      </dl>
    </Panel>
  );
}

function wordsOf(value: unknown): string {
  if (value === undefined || value === null || value === "") return "not set";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > 200 ? `${text.slice(0, 200)} …` : text;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
