import "@/components/inputs.css";
import { NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import type { AddableKind, StreamFormat } from "@/lib/audit/destination-schema";
import css from "./destinations.module.css";

type Props = { kind: AddableKind; errorAt: (field: string) => string | undefined };

/** What a destination of each kind wants to know. */
export function DestinationFields({ kind, errorAt }: Props) {
  if (kind === "syslog") return <SyslogFields errorAt={errorAt} />;
  const plain = { autoComplete: "off", spellCheck: false } as const;
  return (
    <>
      <TextInput
        {...plain}
        name="url"
        label="Address"
        description={addresses[kind]}
        error={errorAt("url")}
        inputMode="url"
        required
      />
      {kind === "s3" ? <StoreFields errorAt={errorAt} /> : null}
      {kind === "http" ? (
        <>
          <PasswordInput
            name="authorization"
            label="Authorization header"
            description="Sent as it is, such as Bearer … or Splunk …. Kept encrypted; may be empty."
            error={errorAt("authorization")}
            autoComplete="new-password"
          />
          <Format chosen="ocsf" />
        </>
      ) : null}
    </>
  );
}

const addresses = {
  webhook: "An https address that takes a POST. It is kept encrypted.",
  s3: "Of the store, without the bucket, such as https://s3.eu-central-1.amazonaws.com.",
  http: "An https address that takes lines of JSON. It is kept encrypted.",
};

function StoreFields({ errorAt }: Pick<Props, "errorAt">) {
  const plain = { autoComplete: "off", spellCheck: false } as const;
  return (
    <>
      <div className={css.pair}>
        <TextInput {...plain} name="bucket" label="Bucket" error={errorAt("bucket")} required />
        <TextInput {...plain} name="region" label="Region" defaultValue="us-east-1" error={errorAt("region")} />
      </div>
      <TextInput
        {...plain}
        name="prefix"
        label="Names of objects begin with"
        defaultValue="rollcall/"
        error={errorAt("prefix")}
      />
      <div className={css.pair}>
        <TextInput {...plain} name="accessKeyId" label="Access key id" error={errorAt("accessKeyId")} required />
        <PasswordInput
          name="secretAccessKey"
          label="Secret access key"
          error={errorAt("secretAccessKey")}
          autoComplete="new-password"
          required
        />
      </div>
      <p className="dimmed">The key needs to put objects and nothing else. Both are kept encrypted.</p>
    </>
  );
}

function SyslogFields({ errorAt }: Pick<Props, "errorAt">) {
  const plain = { autoComplete: "off", spellCheck: false } as const;
  return (
    <>
      <div className={css.pair}>
        <TextInput {...plain} name="host" label="Server" error={errorAt("host")} required />
        <TextInput
          {...plain}
          name="port"
          label="Port"
          defaultValue="6514"
          inputMode="numeric"
          error={errorAt("port")}
          required
        />
      </div>
      <Textarea
        name="ca"
        label="Certificates to believe"
        description="PEM, where the server's is signed by nobody whom everybody knows. May be empty."
        error={errorAt("ca")}
        rows={4}
        spellCheck={false}
      />
      <Format chosen="json" />
    </>
  );
}

function Format({ chosen }: { chosen: StreamFormat }) {
  return (
    <NativeSelect
      name="format"
      label="Form of an event"
      defaultValue={chosen}
      data={[
        { value: "ocsf", label: "OCSF, Entity Management" },
        { value: "json", label: "Rollcall's own JSON" },
      ]}
    />
  );
}
