import { z } from "zod";
import { requestShape } from "@/app/api/v1/shapes/requests";
import { AppError } from "@/lib/errors";
import { callServer, listOf } from "../call-server";

/** The id of a request that somebody calls R-12, or by its id. @throws AppError `not_found` */
export async function requestId(wanted: string): Promise<string> {
  if (z.uuid().safeParse(wanted).success) return wanted;
  const number = requestNumber(wanted);
  const found =
    number === null
      ? []
      : (await callServer(listOf(requestShape), { method: "GET", path: "/requests", query: { q: `R-${number}` } }))
          .items;
  const [only] = found.filter((it) => it.number === number);
  if (only) return only.id;
  throw new AppError("not_found", `There is no request ${wanted} that you may see`, {
    remedy: "Look at: rollcall requests",
  });
}

/** The number of R-12, however it is written, or null. */
export function requestNumber(wanted: string): number | null {
  const digits = /^r?-?(\d{1,15})$/i.exec(wanted)?.[1];
  return digits === undefined ? null : Number(digits);
}
