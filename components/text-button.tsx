import type { ComponentProps } from "react";
import css from "./text-button.module.css";

/** A button in running text: it looks like a link, and does something here. */
export function TextButton(button: ComponentProps<"button">) {
  return <button type="button" className={css.text} {...button} />;
}
