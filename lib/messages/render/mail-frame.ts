import type { Message } from "../message";

type Frame = { title: string; tone: Message["tone"] /** HTML, escaped already. */; body: string; foot: string };

const edges = { plain: "#0e6580", good: "#1b7446", warning: "#8a5600", danger: "#b3331f" } as const;

/**
 * The page around a mail: one column, the reader's own fonts, no image and nothing fetched from elsewhere. Programs that
 * know `prefers-color-scheme` show it dark; the others show it light.
 */
export function mailFrame({ title, tone, body, foot }: Frame): string {
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${title}</title>
<style>
${styles(edges[tone])}
</style>
</head>
<body>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" class="card" width="560" cellpadding="0" cellspacing="0"><tr><td class="inner">
${body}
<p class="foot">${foot}</p>
</td></tr></table>
</td></tr></table>
</body>
</html>
`;
}

function styles(edge: string): string {
  return `:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; background: #f4f4f1; color: #1b1c1a; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
.page { background: #f4f4f1; padding: 24px 12px; }
.card { width: 100%; max-width: 560px; background: #ffffff; border: 1px solid #e5e5df; border-top: 3px solid ${edge}; border-radius: 8px; }
.inner { padding: 24px 28px 20px; text-align: start; overflow-wrap: anywhere; }
h1 { margin: 0 0 12px; font-size: 19px; line-height: 1.3; font-weight: 600; }
p { margin: 0 0 12px; }
.facts { margin: 4px 0 20px; border-collapse: collapse; }
.facts th { padding: 4px 16px 4px 0; font-weight: 400; color: #62635c; white-space: nowrap; }
.facts td { padding: 4px 0; font-variant-numeric: tabular-nums; }
.ways { margin: 20px 0; }
.act, .other { display: inline-block; padding: 10px 18px; margin: 0 8px 8px 0; border-radius: 6px; text-decoration: none; font-weight: 500; border: 1px solid #0e6580; }
.act { background: #0e6580; color: #ffffff; }
.other { color: #0e6580; }
.note, .foot, .foot a { color: #62635c; font-size: 13px; }
.foot { margin: 20px 0 0; padding-top: 14px; border-top: 1px solid #e5e5df; }
@media (prefers-color-scheme: dark) {
  body, .page { background: #0f1110 !important; color: #e8e8e4 !important; }
  .card { background: #141615 !important; border-color: #3b403c !important; border-top-color: ${edge} !important; }
  h1, p, td { color: #e8e8e4 !important; }
  .facts th, .note, .foot, .foot a { color: #a5a7a0 !important; }
  .foot { border-color: #3b403c !important; }
  .act { background: #5bb6ce !important; border-color: #5bb6ce !important; color: #141615 !important; }
  .other { border-color: #5bb6ce !important; color: #5bb6ce !important; }
}`;
}
