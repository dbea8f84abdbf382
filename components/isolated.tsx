import { visibleName } from "./name-parts";

type Props = { value: string | null | undefined; mono?: true };

/**
 * Words from outside in running text: plain text, its direction isolated, and every character that could turn or hide
 * others in sight. Line breaks stay. A name in a list is a `Name`, which is shortened too.
 */
export function Isolated({ value, mono }: Props) {
  return <bdi className={mono && "mono"}>{(value ?? "").split("\n").map(visibleName).join("\n")}</bdi>;
}
