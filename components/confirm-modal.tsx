"use client";

import "./inputs.css";
import "./dialogs.css";
import { Button, Modal, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCircleMinus, IconEye } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import css from "./confirm-modal.module.css";

type Props = {
  opened: boolean;
  onClose: () => void;
  onConfirm: () => void;
  busy?: boolean;
  title: string;
  children?: ReactNode;
  /** What goes, a line each with its number: "2 accounts disabled". */
  effects?: readonly { what: string; detail?: string }[];
  mayBreak?: string;
  /** What the reader's role keeps out of this preview. */
  notSeen?: string;
  /** Must be typed before the button works: from Admin or ten items up. */
  typeToConfirm?: string;
  /** What is to be typed, where it is no name. */
  typeLabel?: string;
  /** Repeats the number: "Offboard, end 96 accesses". */
  confirmLabel: string;
  /** Filled red for what destroys. */
  destructive?: boolean;
  /** A refusal of the last try. */
  error?: ReactNode;
};

/** What will happen, in numbers, before it does. */
export function ConfirmModal(props: Props) {
  const { opened, onClose, onConfirm, busy, title, children, effects = [], typeToConfirm, confirmLabel } = props;
  const [typed, setTyped] = useState("");
  const ready = typeToConfirm === undefined || typed.trim() === typeToConfirm;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      centered
      size={460}
      classNames={{ title: css.title }}
      closeButtonProps={{ "aria-label": "Close" }}
      // A header in a dialog would count as a second banner of the page.
      attributes={{ header: { role: "presentation" } }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onConfirm();
        }}
      >
        {children}
        <ul className={css.effects}>
          {effects.map((effect) => (
            <li key={effect.what}>
              <IconCircleMinus size={16} stroke={1.7} aria-hidden data-destructive={props.destructive} />
              <span className={css.what}>{effect.what}</span>
              <span className="dimmed">{effect.detail}</span>
            </li>
          ))}
        </ul>
        {props.mayBreak ? (
          <div className={css.warning}>
            <p>
              <IconAlertTriangle size={16} stroke={2} aria-hidden /> What may break
            </p>
            {props.mayBreak}
          </div>
        ) : null}
        {props.notSeen ? (
          <p className={css.notSeen}>
            <IconEye size={16} stroke={1.7} aria-hidden /> Not seen here: {props.notSeen}
          </p>
        ) : null}
        {typeToConfirm === undefined ? null : (
          <TextInput
            label={props.typeLabel ?? "Type the name to go on"}
            placeholder={typeToConfirm}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
            mt="md"
          />
        )}
        <div className={css.error}>{props.error}</div>
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color={props.destructive ? "red" : undefined} disabled={!ready} loading={busy}>
            {confirmLabel}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
