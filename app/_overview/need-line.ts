import type { ReactNode } from "react";

/** Something that needs somebody, as a line of the panel: what, who should, since when, and the way there. */
export type NeedLine = {
  key: string;
  icon: ReactNode;
  text: ReactNode;
  who: string;
  when: ReactNode;
  act: string;
  href: string;
};
