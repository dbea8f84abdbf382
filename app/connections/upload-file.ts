import type { ActionResult, Refusal } from "@/lib/errors";

const lost: Refusal = {
  code: "unavailable",
  message: "The connection to Rollcall was lost while the file was sent.",
  remedy: "The inventory is as it was. Try again.",
};

/**
 * Sends a file as the body of a call, streamed from the disk, with what is known of it in a header.
 * @param onShare is told which part of it was sent, from 0 to 1.
 */
export function uploadFile<Value>(
  address: string,
  about: object,
  body: Blob,
  onShare: (share: number) => void = () => undefined,
): Promise<ActionResult<Value>> {
  return new Promise((resolve) => {
    // fetch cannot tell how much of a body has gone.
    const call = new XMLHttpRequest();
    call.open("POST", address);
    call.setRequestHeader("content-type", "application/octet-stream");
    call.setRequestHeader("x-rollcall-file", encodeURIComponent(JSON.stringify(about)));
    call.upload.onprogress = (event) => event.lengthComputable && onShare(event.loaded / event.total);
    call.onload = () => resolve(answerOf<Value>(call.responseText));
    call.onerror = () => resolve({ ok: false, refusal: lost });
    call.send(body);
  });
}

function answerOf<Value>(text: string): ActionResult<Value> {
  try {
    return JSON.parse(text) as ActionResult<Value>;
  } catch {
    return { ok: false, refusal: lost };
  }
}
