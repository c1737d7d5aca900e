"""The parts of the page that shows a record: elements, marked article, sections, drawings, style and script."""
