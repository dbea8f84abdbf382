import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { matchesFilters } from "@/lib/audit/labels";
import { type EventItem, listEventsInput } from "@/lib/audit/schema";
import { joinEvents } from "./join-events";
import type { LiveState } from "./live";
import { filtersOf, type Search } from "./search";

type Message = { numbered: EventItem[]; waiting: EventItem[] };

/**
 * The page's events, and above them those that happen while it is open. Off when somebody looks at the past, when it is
 * paused, and while the page is hidden: nobody reads then, and a session must be able to end for want of use.
 */
export function useLiveEvents(initial: EventItem[], search: Search) {
  const follows = !search.cursor && !search.to;
  const [wanted, setWanted] = useState(true);
  const [state, setState] = useState<LiveState>(follows ? "connecting" : "off");
  const [arrived, setArrived] = useState<Message>({ numbered: [], waiting: [] });
  const visible = useVisible();
  const { rate, count } = useRate();
  const last = useRef(initial.reduce((max, event) => Math.max(max, event.number ?? 0), 0));

  useEffect(() => {
    if (!follows || !wanted || !visible) {
      setState("off");
      return;
    }
    setState("connecting");
    const source = new EventSource(`/activity/live?after=${last.current}`);
    source.onopen = () => setState("on");
    source.onerror = () => setState("lost");
    source.onmessage = (message) => {
      const data = read(message.data);
      last.current = Number(message.lastEventId) || last.current;
      count(data.numbered.length);
      setArrived((before) => ({
        numbered: [...data.numbered.reverse(), ...before.numbered].slice(0, 500),
        waiting: data.waiting,
      }));
    };
    return () => source.close();
  }, [follows, wanted, visible, count]);

  const events = useMemo(() => {
    const filters = listEventsInput.partial().parse(filtersOf(search));
    const fits = (event: EventItem) => matchesFilters(event, filters);
    return joinEvents(initial, arrived.numbered.filter(fits), arrived.waiting.filter(fits));
  }, [initial, arrived, search]);
  const toggle = useCallback(() => setWanted((before) => !before), []);
  return { events, state, perSecond: rate, toggle };
}

// Times travel as text.
function read(data: string): Message {
  const message: Message = JSON.parse(data);
  const revive = (event: EventItem) => ({ ...event, at: new Date(event.at) });
  return { numbered: message.numbered.map(revive), waiting: message.waiting.map(revive) };
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(true);
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return visible;
}

const rateSpanSeconds = 10;

function useRate() {
  const [rate, setRate] = useState(0);
  const seen = useRef(0);
  useEffect(() => {
    const timer = setInterval(() => {
      setRate(seen.current / rateSpanSeconds);
      seen.current = 0;
    }, rateSpanSeconds * 1000);
    return () => clearInterval(timer);
  }, []);
  const count = useCallback((events: number) => {
    seen.current += events;
  }, []);
  return { rate, count };
}
