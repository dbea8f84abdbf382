"use client";

import { Isolated } from "@/components/isolated";
import "@mantine/core/styles/Progress.layer.css";
import { Button, FileButton, Progress } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import type { FilePreview } from "@/lib/connectors/contract";
import type { SettingsField } from "@/lib/connectors/typed-settings";
import type { Refusal } from "@/lib/errors";
import { valuesOf } from "./connect-form";
import css from "./connections.module.css";
import { type General, GeneralInputs } from "./general-inputs";
import { ImportPreview } from "./import-preview";
import { RefusalNote } from "./refusal-note";
import { ConnectorInputs, type Typed } from "./settings-inputs";
import { uploadFile } from "./upload-file";

type Props = { connector: string; label: string; fields: readonly SettingsField[]; name: string };

const previewBytes = 2_000_000;

/** Reads an export file: choose it, see how its first rows would be read, correct that, and import the whole of it. */
export function ImportForm({ connector, label, fields, name }: Props) {
  const router = useRouter();
  const [general, setGeneral] = useState<General>({
    name,
    environment: "production",
    isIdentitySource: false,
    schedule: "",
  });
  const [settings, setSettings] = useState<Typed>({});
  const [file, setFile] = useState<File | null>(null);
  const [preview, setPreview] = useState<FilePreview | null>(null);
  const [mapping, setMapping] = useState("");
  const [share, setShare] = useState<number | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const looks = useRef(0);
  const inField = refusal?.field !== undefined && refusal.field !== "mapping";

  const about = (chosen: File, map: string) => ({
    connector,
    name: general.name,
    environment: general.environment,
    isIdentitySource: general.isIdentitySource,
    settings: valuesOf(fields, settings),
    mapping: parsedMapping(map),
    file: chosen.name,
  });

  async function look(chosen: File, map: string) {
    setRefusal(null);
    const asked = ++looks.current;
    const answer = await uploadFile<FilePreview>(
      "/connections/import/preview",
      about(chosen, map),
      chosen.slice(0, previewBytes),
    );
    // A later change has asked again: its answer counts.
    if (asked !== looks.current) return;
    if (!answer.ok) return setRefusal(answer.refusal);
    setPreview(answer.value);
    setMapping(JSON.stringify(answer.value.mapping, null, 2));
  }

  async function importAll() {
    if (!file) return;
    setRefusal(null);
    setShare(0);
    const answer = await uploadFile<{ connectionId: string }>(
      "/connections/import",
      about(file, mapping),
      file,
      setShare,
    );
    setShare(null);
    if (answer.ok) router.push(`/connections/${answer.value.connectionId}`);
    else setRefusal(answer.refusal);
  }

  function choose(chosen: File | null) {
    if (!chosen) return;
    setFile(chosen);
    void look(chosen, "");
  }

  return (
    <form
      className={css.column}
      onSubmit={(event) => {
        event.preventDefault();
        void importAll();
      }}
    >
      <div className={css.form}>
        <GeneralInputs value={general} onChange={setGeneral} refusal={refusal} fromFile />
        <ConnectorInputs
          fields={fields}
          secretFields={[]}
          settings={settings}
          secrets={{}}
          onSettings={setSettings}
          onSecrets={() => undefined}
          refusal={refusal}
        />
        <div className={css.buttons}>
          <FileButton onChange={choose}>
            {(props) => (
              <Button {...props} variant="default" type="button">
                {file ? "Choose another file" : `Choose a ${label}`}
              </Button>
            )}
          </FileButton>
          {file ? (
            <span className="dimmed">
              <Isolated value={file.name} />, {sizeWords(file.size)}
            </span>
          ) : null}
        </div>
        {refusal ? inField ? <p role="alert">{refusal.message}</p> : <RefusalNote refusal={refusal} /> : null}
      </div>
      {file && preview ? (
        <ImportPreview
          preview={preview}
          mapping={mapping}
          onMapping={setMapping}
          onLook={(text) => void look(file, text)}
        />
      ) : null}
      {share === null ? null : (
        <div className={css.live} role="status">
          <span>
            {share < 1 ? `${Math.round(share * 100)} % sent and read` : "Sent; the rest is being read and compared"}
          </span>
          <Progress value={share * 100} aria-label="How much of the file is sent" />
        </div>
      )}
      <div className={css.buttons}>
        <Button type="submit" disabled={!file || !preview} loading={share !== null}>
          Import the whole file
        </Button>
      </div>
    </form>
  );
}

// What is no JSON is sent as it is, so that the refusal comes from one place.
function parsedMapping(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function sizeWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
