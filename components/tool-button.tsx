import type { ComponentProps } from "react";
import css from "./tool-button.module.css";

/** A quiet button of a list. It looks as Mantine's default one does and weighs nothing: lists are what people open first. */
export function ToolButton({ className, ...button }: ComponentProps<"button">) {
  return <button type="button" className={className ? `${css.tool} ${className}` : css.tool} {...button} />;
}

/** A link that looks like one: a file to take along. */
export function ToolLink(link: ComponentProps<"a">) {
  return <a className={css.tool} {...link} />;
}
