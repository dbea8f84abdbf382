"use client";

import "@/components/inputs.css";
import { Button, Checkbox, PasswordInput, Textarea, TextInput } from "@mantine/core";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type FormEvent, useState, useTransition } from "react";
import { ErrorNote } from "@/components/error-note";
import { LinkButton } from "@/components/link-button";
import { SigningSecret } from "@/components/signing-secret";
import type { Refusal } from "@/lib/errors";
import { type ChannelKind, channelEvents, messageEvents } from "@/lib/messages/schema";
import { create, edit } from "../actions";
import css from "../messages.module.css";

type Channel = {
  id: string;
  name: string;
  place: string;
  addresses: string[];
  events: string[];
  enabled: boolean;
  allowsPrivateHost: boolean;
};
type Props = { kind: ChannelKind; channel?: Channel };
type Made = { id: string; signingSecret: string | null };

/** Makes a channel, or changes one: its name, where it leads, what it gets. */
export function ChannelForm({ kind, channel }: Props) {
  const router = useRouter();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const [saved, setSaved] = useState(false);
  const [busy, startWork] = useTransition();

  function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const given = givenIn(form, kind);
    const isOn = form.get("enabled") !== null;
    setSaved(false);
    startWork(async () => {
      const answer = channel
        ? await edit({ id: channel.id, ...given, enabled: isOn })
        : await create({ kind, ...given });
      setRefusal(answer.ok ? null : answer.refusal);
      if (!answer.ok) return;
      if (channel) return setSaved(true);
      const { id, signingSecret = null } = answer.value as Made;
      if (signingSecret) setMade({ id, signingSecret });
      else router.push(`/messages/channels/${id}` as Route);
    });
  }

  if (made?.signingSecret) {
    return (
      <div className={css.form}>
        <SigningSecret of="a message" secret={made.signingSecret} />
        <p className={css.buttons}>
          <LinkButton href={`/messages/channels/${made.id}` as Route}>Go on to the channel</LinkButton>
        </p>
      </div>
    );
  }
  const errorAt = (field: string) => (refusal?.field === field ? refusal.message : undefined);
  return (
    <form className={css.form} onSubmit={save}>
      <TextInput
        name="name"
        label="Name"
        defaultValue={channel?.name}
        error={errorAt("name")}
        maxLength={60}
        autoComplete="off"
        required
      />
      <Place kind={kind} channel={channel} errorAt={errorAt} />
      <fieldset className={css.events}>
        <legend>What it gets</legend>
        {channelEvents.map((event) => (
          <Checkbox
            key={event}
            name="events"
            value={event}
            label={messageEvents[event].label}
            defaultChecked={channel ? channel.events.includes(event) : messageEvents[event].always}
          />
        ))}
      </fieldset>
      {channel ? <Checkbox name="enabled" label="Turned on" defaultChecked={channel.enabled} /> : null}
      {refusal && !["name", "url", "allowPrivateHost"].includes(refusal.field ?? "") ? (
        <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
      ) : null}
      <div className={css.buttons}>
        <Button type="submit" loading={busy}>
          {channel ? "Save" : "Add the channel"}
        </Button>
        {saved ? <span role="status">Saved.</span> : null}
      </div>
    </form>
  );
}

type PlaceProps = { kind: ChannelKind; channel: Channel | undefined; errorAt: (field: string) => string | undefined };

function Place({ kind, channel, errorAt }: PlaceProps) {
  if (kind === "email") {
    return (
      <Textarea
        name="addresses"
        label="E-mail addresses"
        description="One a line."
        defaultValue={channel?.addresses.join("\n")}
        error={errorAt("addresses") ?? errorAt("addresses.0")}
        rows={3}
        required
      />
    );
  }
  const description = {
    slack: "The address of an incoming webhook, which begins with https://hooks.slack.com/. It is kept encrypted.",
    teams: "The address that the workflow shows. It is kept encrypted.",
    webhook: "An https address that takes a POST. It is kept encrypted.",
  }[kind];
  const common = { name: "url", label: "Address", description, error: errorAt("url"), required: !channel };
  return (
    <>
      {kind === "webhook" ? (
        <TextInput {...common} placeholder={channel?.place} inputMode="url" autoComplete="off" spellCheck={false} />
      ) : (
        <PasswordInput {...common} placeholder={channel ? "Kept as it is" : undefined} autoComplete="new-password" />
      )}
      <Checkbox
        name="allowPrivateHost"
        label="The host may be in our own network"
        description="Without this, only https to addresses on the internet is called."
        defaultChecked={channel?.allowsPrivateHost ?? false}
        error={errorAt("allowPrivateHost")}
      />
    </>
  );
}

function givenIn(form: FormData, kind: ChannelKind) {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const place =
    kind === "email"
      ? {
          addresses: text("addresses")
            .split(/[\s,;]+/)
            .filter(Boolean),
        }
      : {
          ...(text("url") ? { url: text("url") } : {}),
          allowPrivateHost: form.get("allowPrivateHost") !== null,
        };
  const events = channelEvents.filter((event) => form.getAll("events").includes(event));
  return { name: text("name"), events, ...place };
}
