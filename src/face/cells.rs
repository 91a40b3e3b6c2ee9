//! A grid of cells → its patches and groups.

/// Side in cells of the smallest patch: 36 pixels of an A4 page at 200 dpi, which is 4.6 mm.
pub(super) const BLOCK: usize = 4;

/// Cells that belong to some wholly filled block of [`BLOCK`] × [`BLOCK`] cells: text and rules fall away,
/// patches stay.
pub(super) fn opened(filled: &[bool], columns: usize, rows: usize) -> Vec<bool> {
    let mut kept = vec![false; filled.len()];
    // Length of the filled run that ends in each cell of the current row, and of blocks' run of rows.
    let mut down = vec![0usize; columns];
    for row in 0..rows {
        let mut along = 0;
        for column in 0..columns {
            along = if filled[row * columns + column] { along + 1 } else { 0 };
            down[column] = if along >= BLOCK { down[column] + 1 } else { 0 };
            if down[column] >= BLOCK {
                for r in row + 1 - BLOCK..=row {
                    kept[r * columns + column + 1 - BLOCK..=r * columns + column].fill(true);
                }
            }
        }
    }
    kept
}

/// Left, top, right and bottom of a group of cells, half-open.
pub(super) fn edges_of(cells: &[u32], columns: usize) -> [usize; 4] {
    cells.iter().fold([usize::MAX, usize::MAX, 0, 0], |[left, top, right, bottom], &cell| {
        let (row, column) = (cell as usize / columns, cell as usize % columns);
        [left.min(column), top.min(row), right.max(column + 1), bottom.max(row + 1)]
    })
}

/// Groups of touching cells (8 neighbours).
pub(super) fn components(solid: &[bool], columns: usize, rows: usize) -> Vec<Vec<u32>> {
    let mut seen = vec![false; solid.len()];
    let mut groups = Vec::new();
    for start in 0..solid.len() {
        if !solid[start] || seen[start] {
            continue;
        }
        seen[start] = true;
        let mut group = vec![start as u32];
        let mut next = 0;
        while next < group.len() {
            let (row, column) = (group[next] as usize / columns, group[next] as usize % columns);
            for r in row.saturating_sub(1)..(row + 2).min(rows) {
                for c in column.saturating_sub(1)..(column + 2).min(columns) {
                    let at = r * columns + c;
                    if solid[at] && !seen[at] {
                        seen[at] = true;
                        group.push(at as u32);
                    }
                }
            }
            next += 1;
        }
        groups.push(group);
    }
    groups
}
