"use client";

import { IdentityPicker, type Picked } from "./identity-picker";
import css from "./identity-picker.module.css";

type Props = { label: string; picked: Picked | null; pick: (picked: Picked | null) => void; error?: string };

/** Who answers for something: a person, found by name, or nobody. */
export function OwnerField({ label, picked, pick, error }: Props) {
  return (
    <div>
      <IdentityPicker label={label} people picked={picked} onPick={(next) => pick({ id: next.id, name: next.name })} />
      {error ? (
        <p className={css.error} role="alert">
          {error}
        </p>
      ) : null}
      {picked ? (
        <button type="button" className={css.none} onClick={() => pick(null)}>
          No {label.toLowerCase()}
        </button>
      ) : (
        <p className="dimmed">Nobody</p>
      )}
    </div>
  );
}
