use super::*;

fn hash(files: &[File]) -> u64 {
    let bytes = files.iter().flat_map(|file| file.path.bytes().chain(file.text.bytes()));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let shape = Shape { files: 30, documents: 80, workloads: 12, bytes: 300_000 };
    assert_eq!(hash(&files(&shape, 1)), hash(&files(&shape, 1)));
    assert_ne!(hash(&files(&shape, 1)), hash(&files(&shape, 2)));
}

#[test]
fn the_shape_is_what_was_asked_for() {
    for shape in [Shape::of(500), Shape::of(1), Shape { files: 400, documents: 900, workloads: 130, bytes: 6_000_000 }]
    {
        let files = files(&shape, 3);
        let census = Census::of(&files);
        assert_eq!((census.files, census.documents), (shape.files, shape.documents));
        assert_eq!(census.workloads, shape.workloads);
        let near = shape.bytes / 4;
        let small = shape.documents < 100;
        assert!(small || census.bytes.abs_diff(shape.bytes) < near, "{} bytes, not {}", census.bytes, shape.bytes);
        let mut paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), shape.files);
    }
}

#[test]
fn what_real_repositories_hold_is_there() {
    let files = files(&Shape::of(1_500), 1);
    let all: String = files.iter().map(|file| file.text.as_str()).collect();
    for part in [
        "kind: List",
        "\r\n",
        "&context",
        "*context",
        "<<: *defaults",
        "\"spec\":",
        "kind: CustomResourceDefinition",
        "    containers:\n",
        "# kind: Deployment",
        "args: [",
        "|\n",
        ">-\n",
        "\\u003e",
        "kind: CronJob",
    ] {
        assert!(all.contains(part), "{part:?}");
    }
}
