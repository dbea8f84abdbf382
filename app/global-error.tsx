"use client";

type Props = { error: Error & { digest?: string } };

/** When not even the frame can be shown, which itself asks the database. Plain, because nothing else can be relied on. */
export default function FrameError({ error }: Props) {
  return (
    <html lang="en">
      <body style={{ fontFamily: "system-ui, sans-serif", maxWidth: "34rem", margin: "15vh auto", padding: "0 1rem" }}>
        <title>Rollcall cannot be shown just now</title>
        <h1>Rollcall cannot be shown just now</h1>
        <p>Its database does not answer, or something went wrong here. Nothing was changed.</p>
        <p>
          <button type="button" onClick={() => window.location.reload()}>
            Try again
          </button>{" "}
          in a few seconds.
        </p>
        {error.digest ? <p>Reference: {error.digest}</p> : null}
      </body>
    </html>
  );
}
