use super::*;
use kube_yaml::yaml;

fn all<'n, 'a>(find: impl Fn(&'n Node<'a>) -> Vec<Mention<'n, 'a>>, root: &'n Node<'a>) -> Vec<String> {
    let shown = |found: Mention<'_, '_>| {
        let reference = found.reference.as_deref().unwrap_or("-").to_owned();
        assert_eq!(root.at(&found.path), Some(found.node));
        format!("{} {reference}", found.path_text())
    };
    find(root).into_iter().map(shown).collect()
}

#[test]
fn references_are_found_in_every_list_and_kind() {
    let text = "\
apiVersion: example.com/v1
kind: Flow
items: [{containers: [{image: of-an-item}]}]
spec:
  containers:
    - {name: a, image: one:1}
    - {name: no-image}
    - {name: number, image: 5}
  initContainers: [{name: i, image: 'two:2'}]
  ephemeralContainers: [{image: three}]
  volumes:
    - {name: v, image: {reference: four:4, pullPolicy: Always}}
    - {name: w, emptyDir: {}}
  steps:
    - container: {image: five:5}
    - image: not-in-a-container
  deep: [{template: {spec: {containers: [{image: six}]}}}]
";
    let parsed = yaml::parse(text);
    assert_eq!(
        all(in_object, &parsed.documents[0].root),
        [
            "spec.containers[0].image one:1",
            "spec.initContainers[0].image two:2",
            "spec.ephemeralContainers[0].image three",
            "spec.volumes[0].image.reference four:4",
            "spec.steps[0].container.image five:5",
            "spec.deep[0].template.spec.containers[0].image six",
        ]
    );
    let found = in_object(&parsed.documents[0].root);
    assert_eq!(found[1].holder, Holder::Container(ContainerKind::Init, "i".to_owned()));
    assert_eq!(found[3].holder, Holder::Volume("v".to_owned()));
}

#[test]
fn a_kustomization_says_what_takes_the_place_of_what() {
    let text = "\
images:
  - {name: nginx, newTag: '1.27'}
  - {name: app, newName: ghcr.io/org/app, newTag: v1, digest: 'sha256:00'}
  - {name: app, digest: 'sha256:00'}
  - {name: app, newName: other}
  - {newTag: v1}
  - text
";
    let parsed = yaml::parse(text);
    assert_eq!(
        all(in_kustomization, &parsed.documents[0].root),
        [
            "images[0].newTag nginx:1.27",
            "images[1].newTag ghcr.io/org/app:v1@sha256:00",
            "images[2].digest app@sha256:00",
            "images[3].newName -",
        ]
    );
    assert_eq!(in_kustomization(&yaml::parse("images: none\n").documents[0].root), []);
}

#[test]
fn values_of_charts_are_put_together() {
    let text = "\
image: {registry: ghcr.io, repository: org/app, tag: v1}
sidecar: {image: busybox:1}
controller: {image: {repository: org/b, tag: 1.5, digest: ''}}
proxyImage: {repository: org/c}
metrics: [{repository: org/d, digest: 'sha256:00'}]
git: {repository: https://example.com/repo, tag: v1}
helm: {repository: charts}
";
    let parsed = yaml::parse(text);
    assert_eq!(
        all(in_values, &parsed.documents[0].root),
        [
            "image.repository ghcr.io/org/app:v1",
            "sidecar.image busybox:1",
            "controller.image.repository org/b:1.5",
            "proxyImage.repository -",
            "metrics[0].repository org/d@sha256:00",
        ]
    );
}
