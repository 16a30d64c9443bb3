// Loaded by every page: htmx, the style sheet, and small behaviour that plain HTML does not have.
import "./styles/index.css";
import htmx from "htmx.org";
import { startCamera } from "./camera";
import { startClock } from "./clock";
import { startControls } from "./controls";
import { startDevice } from "./device";
import { startEdges } from "./edges";
import { startLedger } from "./ledger";
import { startPicks } from "./picks";
import { startPosition } from "./position";
import { startSearch } from "./search";
import { startShrink } from "./shrink";
import { startSlider } from "./slider";
import { startUpload } from "./upload";
import { startWall } from "./wall";

htmx.config.includeIndicatorStyles = false; // the style sheet has them: the CSP forbids inline ones
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // pages of one person must not stay in the browser for the next
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "4[0-9]2|400|403|404", swap: true, error: true }, // errors come as pieces with a sentence
  { code: "...", swap: false, error: true },
];

startCamera();
startClock();
startControls();
startDevice();
startEdges();
startLedger();
startPicks();
startPosition();
startSearch();
startShrink();
startSlider();
startUpload();
startWall();
