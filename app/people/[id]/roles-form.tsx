"use client";

import "@/components/inputs.css";
import { Button, Checkbox } from "@mantine/core";
import { type FormEvent, useState, useTransition } from "react";
import { ErrorNote } from "@/components/error-note";
import { roleWords } from "@/lib/auth/labels";
import { isRole, type Role, roles } from "@/lib/auth/permissions";
import type { ActionResult, Refusal } from "@/lib/errors";
import { changeRoles, leaveRolesToSignOn } from "../actions";
import css from "../people.module.css";

type Props = {
  person: { id: string; name: string; roles: readonly Role[]; roleSource: "claims" | "person" };
  mayChange: boolean;
  isReader: boolean;
};

/** What a person may, role by role; changed by another administrator. */
export function RolesForm({ person, mayChange, isReader }: Props) {
  const [chosen, setChosen] = useState<string[]>([...person.roles]);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startActing] = useTransition();
  const isSame = [...chosen].sort().join() === [...person.roles].sort().join();

  function act(work: () => Promise<ActionResult<unknown>>) {
    setRefusal(null);
    startActing(async () => {
      const answer = await work();
      if (!answer.ok) setRefusal(answer.refusal);
    });
  }

  function save(event: FormEvent) {
    event.preventDefault();
    act(() => changeRoles({ userId: person.id, roles: chosen.filter(isRole) }));
  }

  return (
    <form onSubmit={save} className={css.form}>
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      <Checkbox.Group value={chosen} onChange={setChosen} aria-label={`Roles of ${person.name}`}>
        <div className={css.roles}>
          {roles.map((role) => (
            <Checkbox key={role} value={role} label={role} description={roleWords[role]} disabled={!mayChange} />
          ))}
        </div>
      </Checkbox.Group>
      {mayChange ? (
        <div className={css.buttons}>
          <Button type="submit" loading={busy} disabled={isSame && person.roleSource === "person"}>
            {isSame ? "Keep these roles, whatever the groups say" : "Save roles"}
          </Button>
          {person.roleSource === "person" ? (
            <Button
              variant="default"
              onClick={() => act(() => leaveRolesToSignOn({ userId: person.id }))}
              disabled={busy}
            >
              Leave to the single sign-on
            </Button>
          ) : null}
        </div>
      ) : (
        <p className="dimmed">
          {isReader
            ? "Nobody changes their own roles; another administrator does."
            : "Only an administrator changes roles."}
        </p>
      )}
    </form>
  );
}
