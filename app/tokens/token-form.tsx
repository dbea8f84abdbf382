"use client";

import "@/components/inputs.css";
import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState, useTransition } from "react";
import { ErrorNote } from "@/components/error-note";
import secretCss from "@/components/signing-secret.module.css";
import { Time } from "@/components/time";
import type { CreatedToken } from "@/lib/auth/create-api-token";
import { scopeWords } from "@/lib/auth/labels";
import { type Scope, scopeNames } from "@/lib/auth/permissions";
import type { Refusal } from "@/lib/errors";
import { make } from "./actions";
import css from "./tokens.module.css";

const lives = [
  { value: "1", label: "a day" },
  { value: "7", label: "a week" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "a year" },
];

/** Makes a token of a program, or one that acts as a person. Its secret is shown once. */
export function TokenForm() {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [days, setDays] = useState("90");
  const [made, setMade] = useState<CreatedToken | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, start] = useTransition();

  function submit(event: FormEvent) {
    event.preventDefault();
    start(async () => {
      // The boxes are the scopes that there are.
      const chosen = scopes as Scope[];
      const answer = await make({ name, for: email.trim() || null, scopes: chosen, expiresInDays: Number(days) });
      setRefusal(answer.ok ? null : answer.refusal);
      if (!answer.ok) return;
      setMade(answer.value);
      setName("");
      setEmail("");
      setScopes([]);
    });
  }

  const errorAt = (field: string) => (refusal?.field === field ? refusal.message : undefined);
  return (
    <form className={css.form} onSubmit={submit}>
      {made ? <Made token={made} /> : null}
      <div className={css.triple}>
        <TextInput
          label="What it is for"
          placeholder="Nightly inventory report"
          required
          maxLength={100}
          value={name}
          error={errorAt("name")}
          autoComplete="off"
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Acts as (e-mail)"
          placeholder="empty: a program of its own"
          type="email"
          value={email}
          error={errorAt("for")}
          autoComplete="off"
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <NativeSelect
          label="Ends after"
          data={lives}
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
      </div>
      <Checkbox.Group
        value={scopes}
        onChange={setScopes}
        label={email.trim() === "" ? "What it may do" : "What it may do; with nothing ticked, all that the person may"}
        error={errorAt("scopes")}
      >
        <div className={css.scopes}>
          {scopeNames.map((scope) => (
            <Checkbox key={scope} value={scope} label={scope} description={scopeWords[scope]} />
          ))}
        </div>
      </Checkbox.Group>
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      <div className={css.buttons}>
        <Button type="submit" loading={busy}>
          Make the token
        </Button>
      </div>
    </form>
  );
}

function Made({ token }: { token: CreatedToken }) {
  return (
    <div className={secretCss.secret} role="status">
      <strong>The token “{token.name}”, shown this once</strong>
      <code>{token.token}</code>
      <span>
        Sent as <code>Authorization: Bearer …</code>. It ends <Time at={token.expiresAt} as="full" />.
      </span>
    </div>
  );
}
