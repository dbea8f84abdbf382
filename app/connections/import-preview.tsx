"use client";

import { Isolated } from "@/components/isolated";
import "@/components/inputs.css";
import { Button, Textarea } from "@mantine/core";
import { Panel } from "@/components/panel";
import type { FilePreview } from "@/lib/connectors/contract";
import css from "./connections.module.css";
import { type EditedMapping, mappingIn } from "./mapping-fields";
import { MappingForm } from "./mapping-form";

type Props = {
  preview: FilePreview;
  /** The mapping as JSON, as it is edited. */
  mapping: string;
  onMapping: (text: string) => void;
  /** Reads the first rows again by this mapping. */
  onLook: (text: string) => void;
};

const rowsShown = 8;
const observationsShown = 12;

/** The first rows of a file, how its columns are taken, and what they become. */
export function ImportPreview({ preview, mapping, onMapping, onLook }: Props) {
  const edited = mappingIn(mapping);
  const change = (next: EditedMapping) => {
    const text = JSON.stringify(next, null, 2);
    onMapping(text);
    onLook(text);
  };
  return (
    <>
      {preview.problems.length > 0 ? (
        <Panel title="What would be left out" aside={String(preview.problems.length)} flush>
          <ul className={css.lines}>
            {preview.problems.slice(0, 20).map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Panel>
      ) : null}
      <Panel title="First rows" aside={`${preview.columns.length} columns`} flush>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <div className={css.scroll} tabIndex={0}>
          <table className={css.table}>
            <thead>
              <tr>
                {preview.columns.map((column) => (
                  <th scope="col" key={column}>
                    <Isolated value={column} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {preview.rows.slice(0, rowsShown).map((row, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other name
                <tr key={at}>
                  {preview.columns.map((column, cell) => (
                    <td key={column}>
                      <Isolated value={row[cell]} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
      <div className={css.columns}>
        <Panel title="What they become" aside={`${preview.observations.length} from the first rows`} flush>
          <ul className={css.lines}>
            {preview.observations.slice(0, observationsShown).map((observation) => (
              <li key={JSON.stringify(observation)}>
                <Observed observation={observation} />
              </li>
            ))}
          </ul>
        </Panel>
        <Panel title="How columns are taken">
          <div className={css.column}>
            {edited ? (
              <MappingForm mapping={edited} columns={preview.columns} onChange={change} />
            ) : (
              <p className="dimmed">This mapping is not one of columns; it can be changed as JSON only.</p>
            )}
            <details className={css.expert} open={edited === null}>
              <summary>For experts: the whole mapping as JSON</summary>
              <Textarea
                aria-label="Mapping, as JSON"
                value={mapping}
                onChange={(event) => onMapping(event.currentTarget.value)}
                rows={14}
                styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.75rem" } }}
                spellCheck={false}
              />
              <div className={css.buttons}>
                <Button variant="default" type="button" onClick={() => onLook(mapping)}>
                  Look again with this mapping
                </Button>
              </div>
            </details>
          </div>
        </Panel>
      </div>
    </>
  );
}

function Observed({ observation }: { observation: FilePreview["observations"][number] }) {
  return (
    <span>
      <span className="dimmed">{observation.kind} </span>
      <Isolated value={wordsOf(observation)} />
    </span>
  );
}

function wordsOf(observation: FilePreview["observations"][number]): string {
  switch (observation.kind) {
    case "membership":
      return `${observation.member} in ${observation.group}`;
    case "assignment":
      return `${observation.holder}: ${observation.permission} on ${observation.resource.externalId}`;
    case "credential":
      return `${observation.account}: ${observation.credentialKind} ${observation.name}`;
    default:
      return [observation.name, "email" in observation ? observation.email : null].filter(Boolean).join(", ");
  }
}
