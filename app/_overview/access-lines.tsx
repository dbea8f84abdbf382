import { IconAlertOctagon, IconBolt, IconGhost2, IconHandMove, IconInbox } from "@tabler/icons-react";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Time } from "@/components/time";
import type { Total } from "@/lib/lists/run-list";
import type { AccessNeed } from "@/lib/requests/need-queries";
import type { NeedLine } from "./need-line";
import css from "./overview.module.css";

const size = { size: 18, stroke: 1.7, "aria-hidden": true } as const;

/** What waits for the reader. */
export function deskLine({ value, capped }: Total): NeedLine {
  return {
    key: "waiting",
    icon: <IconInbox {...size} className={css.accent} />,
    text: `${numberWords(value)}${capped ? "+" : ""} ${value === 1 ? "thing waits" : "things wait"} for you`,
    who: "You",
    when: null,
    act: "Decide",
    href: "/inbox",
  };
}

/** What of access needs somebody, as lines of the panel. */
export function accessLine(need: AccessNeed): NeedLine {
  const key = need.type === "stands" ? need.id : need.type;
  if (need.type === "stands") {
    const failed = need.state === "ending_failed";
    const Icon = failed ? IconAlertOctagon : IconGhost2;
    return {
      key,
      icon: <Icon {...size} className={css.bad} />,
      text: (
        <>
          {failed ? "Ending failed: " : "Came back: "}
          <strong>
            <Isolated value={need.subject} />
          </strong>{" "}
          {failed ? "still in" : "again in"} <Isolated mono value={need.resource} /> on{" "}
          <Isolated mono value={need.connection} />
        </>
      ),
      who: "Security",
      when: <Time at={need.since} as="age" />,
      act: "Open",
      href: `/grants/${need.id}`,
    };
  }
  if (need.type === "reviews")
    return {
      key,
      icon: <IconBolt {...size} className={css.warn} />,
      text: `${numberWords(need.count)} ${need.count === 1 ? "break-glass access owes its review" : "break-glass accesses owe their review"}`,
      who: "owners",
      when: <Time at={need.due} />,
      act: "List",
      href: "/requests?breakGlass=true",
    };
  if (need.type === "not_given")
    return {
      key,
      icon: <IconAlertOctagon {...size} className={css.warn} />,
      text: `${numberWords(need.count)} approved ${need.count === 1 ? "grant could" : "grants could"} not be given yet`,
      who: "Security",
      when: null,
      act: "List",
      href: "/grants?state=activation_failed",
    };
  return {
    key,
    icon: <IconHandMove {...size} className={css.warn} />,
    text: `${numberWords(need.count)} ${need.count === 1 ? "grant was" : "grants were"} changed by hand in the system`,
    who: "Security",
    when: null,
    act: "List",
    href: "/grants?drift=true",
  };
}
