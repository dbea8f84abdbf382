"use client";

import "@/components/inputs.css";
import { Button, Checkbox, TextInput } from "@mantine/core";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type FormEvent, useState, useTransition } from "react";
import { ErrorNote } from "@/components/error-note";
import { LinkButton } from "@/components/link-button";
import { SigningSecret } from "@/components/signing-secret";
import type { AddableKind, CreateDestinationInput } from "@/lib/audit/destination-schema";
import type { Refusal } from "@/lib/errors";
import { create } from "./actions";
import { DestinationFields } from "./destination-fields";
import css from "./destinations.module.css";

const list = "/destinations" as Route;
const shownAtField = new Set([
  ...["name", "url", "allowPrivateHost", "bucket", "region", "prefix", "accessKeyId", "secretAccessKey"],
  ...["authorization", "host", "port", "ca"],
]);

/** Makes a destination of one kind. Of a webhook, its secret is shown once. */
export function DestinationForm({ kind }: { kind: AddableKind }) {
  const router = useRouter();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [busy, startWork] = useTransition();

  function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = givenIn(kind, new FormData(event.currentTarget));
    startWork(async () => {
      const answer = await create(given);
      setRefusal(answer.ok ? null : answer.refusal);
      if (!answer.ok) return;
      if (answer.value.signingSecret) setSecret(answer.value.signingSecret);
      else router.push(list);
    });
  }

  if (secret)
    return (
      <div className={css.form}>
        <SigningSecret secret={secret} of="a checkpoint" />
        <p className={css.buttons}>
          <LinkButton href={list}>Go on</LinkButton>
        </p>
      </div>
    );
  const errorAt = (field: string) => (refusal?.field === field ? refusal.message : undefined);
  return (
    <form className={css.form} onSubmit={save}>
      <TextInput
        name="name"
        label="Name"
        description="As people here call the place."
        error={errorAt("name")}
        maxLength={60}
        autoComplete="off"
        required
      />
      <DestinationFields kind={kind} errorAt={errorAt} />
      <Checkbox
        name="allowPrivateHost"
        label="The host may be in our own network"
        description="Without this, only addresses on the internet are called."
        error={errorAt("allowPrivateHost")}
      />
      {refusal && !shownAtField.has(refusal.field ?? "") ? (
        <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
      ) : null}
      {refusal?.remedy && shownAtField.has(refusal.field ?? "") ? <p className="dimmed">{refusal.remedy}</p> : null}
      <div className={css.buttons}>
        <Button type="submit" loading={busy}>
          Add the destination
        </Button>
      </div>
    </form>
  );
}

// What is left empty is not given. What it means is decided by the schema, which the command parses it with.
function givenIn(kind: AddableKind, form: FormData): CreateDestinationInput {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const given = (name: string) => (text(name) === "" ? undefined : text(name));
  const common = { name: text("name"), allowPrivateHost: form.get("allowPrivateHost") !== null };
  const format = text("format") === "json" ? "json" : "ocsf";
  if (kind === "webhook") return { kind, ...common, url: text("url") };
  if (kind === "http") return { kind, ...common, url: text("url"), format, authorization: given("authorization") };
  if (kind === "syslog")
    return { kind, ...common, host: text("host"), port: Number(text("port")), format, ca: given("ca") };
  return {
    kind,
    ...common,
    url: text("url"),
    bucket: text("bucket"),
    region: given("region"),
    prefix: text("prefix"),
    accessKeyId: text("accessKeyId"),
    secretAccessKey: text("secretAccessKey"),
  };
}
