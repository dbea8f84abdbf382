"use client";

import { Button, type ButtonProps } from "@mantine/core";
import { type ReactNode, useState, useTransition } from "react";
import type { ActionResult, Refusal } from "@/lib/errors";
import css from "./act-button.module.css";
import { ConfirmModal } from "./confirm-modal";
import { ErrorNote } from "./error-note";

type Confirm = {
  title: string;
  /** What will happen, a line each with its number. */
  effects?: readonly { what: string; detail?: string }[];
  mayBreak?: string;
  confirmLabel: string;
  text?: string;
};

type Props<Input> = {
  act: (input: Input) => Promise<ActionResult<unknown>>;
  input: Input;
  children: ReactNode;
  /** Asked before it is done. */
  confirm?: Confirm;
  /** Takes something away: outlined red here, filled red in the question. */
  destructive?: true;
  /** A whole name for screen readers, where many buttons read the same. */
  name?: string;
  variant?: ButtonProps["variant"];
  disabled?: boolean;
};

/** A button that carries out one act, asks first where it takes something away, and says beside itself why not. */
export function ActButton<Input>(props: Props<Input>) {
  const { act, input, children, confirm, destructive, name, variant = "default", disabled } = props;
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startActing] = useTransition();

  function carryOut() {
    setRefusal(null);
    startActing(async () => {
      const answer = await act(input);
      if (answer.ok) setAsking(false);
      else setRefusal(answer.refusal);
    });
  }

  const note = refusal ? (
    <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
  ) : null;
  return (
    <>
      <Button
        variant={destructive ? "outline" : variant}
        className={destructive ? css.destructive : undefined}
        size="compact-sm"
        onClick={confirm ? () => setAsking(true) : carryOut}
        loading={busy && !asking}
        disabled={disabled}
        aria-label={name}
      >
        {children}
      </Button>
      {asking ? null : note}
      {confirm ? (
        <ConfirmModal
          opened={asking}
          onClose={() => setAsking(false)}
          onConfirm={carryOut}
          busy={busy}
          title={confirm.title}
          effects={confirm.effects}
          mayBreak={confirm.mayBreak}
          confirmLabel={confirm.confirmLabel}
          destructive={destructive}
          error={note}
        >
          {confirm.text ? <p>{confirm.text}</p> : null}
        </ConfirmModal>
      ) : null}
    </>
  );
}
