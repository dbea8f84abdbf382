"use client";

import { useEffect, useRef } from "react";
import css from "./list-foot.module.css";

const keys: readonly { keys: readonly string[]; does: string }[] = [
  { keys: ["Ctrl K"], does: "find anything" },
  { keys: ["/"], does: "filter this list" },
  { keys: ["J", "K"], does: "move down and up" },
  { keys: ["X"], does: "select the row" },
  { keys: ["Enter"], does: "open the row" },
  { keys: ["Esc"], does: "close, or leave the list" },
  { keys: ["?"], does: "show these keys" },
];

/** The few keys that matter most, and all of them on ? or a press. */
export function KeysHelp() {
  const sheet = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== "?" || event.defaultPrevented || isTyping(event.target)) return;
      event.preventDefault();
      sheet.current?.showModal();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <button type="button" className={css.keys} aria-label="All keys" onClick={() => sheet.current?.showModal()}>
        <kbd>J</kbd>
        <kbd>K</kbd> move <kbd>X</kbd> select <kbd>Enter</kbd> open <kbd>?</kbd> all keys
      </button>
      <dialog ref={sheet} className={css.sheet} aria-label="Keys">
        <h2>Keys</h2>
        <dl>
          {keys.map((entry) => (
            <div key={entry.does} style={{ display: "contents" }}>
              <dt>
                {entry.keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{entry.does}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit" className="unseen">
            Close
          </button>
        </form>
      </dialog>
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select, [role=dialog]") !== null
  );
}
