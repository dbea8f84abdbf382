import localFont from "next/font/local";

// Sans in all weights; mono only as it is used, for ids and clock times.
export const sans = localFont({
  src: "../node_modules/geist/dist/fonts/geist-sans/Geist-Variable.woff2",
  variable: "--rc-sans",
  weight: "100 900",
});
export const mono = localFont({
  src: "../node_modules/geist/dist/fonts/geist-mono/GeistMono-Regular.woff2",
  variable: "--rc-mono",
  weight: "400",
  preload: false,
});
