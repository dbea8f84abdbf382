"use client";

import { Isolated } from "../isolated";
import "../inputs.css";
import "../dialogs.css";
import { Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState, useTransition } from "react";
import type { ActionResult, Refusal } from "@/lib/errors";
import type { ListPage } from "@/lib/views/labels";
import { ErrorNote } from "../error-note";
import css from "./save-view-modal.module.css";

export type SaveViewProps = {
  page: ListPage;
  query: string;
  /** May the reader save for everybody? */
  mayShare: boolean;
  /** The saved views that the reader may remove. */
  removable: readonly { id: string; name: string; shared: boolean }[];
  save: (input: { page: ListPage; name: string; query: string; shared: boolean }) => Promise<ActionResult<unknown>>;
  remove: (input: { id: string }) => Promise<ActionResult<unknown>>;
  onClose: () => void;
};

/** Names what is shown now, for oneself or for everybody; removes what was named before. */
export function SaveViewModal({ page, query, mayShare, removable, save, remove, onClose }: SaveViewProps) {
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, start] = useTransition();
  const run = (work: () => Promise<ActionResult<unknown>>, after: () => void) =>
    start(async () => {
      const result = await work();
      if (result.ok) after();
      else setRefusal(result.refusal);
    });
  return (
    <Modal opened onClose={onClose} title="Save this view" centered size={420}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(() => save({ page, name, query, shared }), onClose);
        }}
      >
        <TextInput
          label="Name"
          description="Keeps the filters, the order and the columns."
          value={name}
          maxLength={60}
          required
          data-autofocus
          error={refusal?.field === "name" ? refusal.message : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {mayShare ? (
          <Checkbox
            mt="md"
            label="For everybody, not only for me"
            checked={shared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
        ) : null}
        {refusal && refusal.field !== "name" ? <ErrorNote title={refusal.message} remedy={refusal.remedy} /> : null}
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={name.trim() === ""}>
            Save view
          </Button>
        </div>
      </form>
      {removable.length > 0 ? (
        <section className={css.saved} aria-label="Saved views">
          <h2>Saved before</h2>
          <ul>
            {removable.map((view) => (
              <li key={view.id}>
                <Isolated value={view.name} /> <span className="dimmed">{view.shared ? "for everybody" : "mine"}</span>
                <Button
                  size="compact-xs"
                  variant="outline"
                  color="red"
                  leftSection={<IconTrash size={14} stroke={1.7} aria-hidden />}
                  disabled={busy}
                  aria-label={`Remove the view ${view.name}`}
                  onClick={() =>
                    run(
                      () => remove({ id: view.id }),
                      () => undefined,
                    )
                  }
                >
                  Remove
                </Button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </Modal>
  );
}
