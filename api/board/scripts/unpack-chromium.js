// Unpacks the Chromium that the tests use where the machine has none, into the folder TMPDIR.
import chromium from "@sparticuz/chromium";

await chromium.executablePath();
