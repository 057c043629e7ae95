//! A rule's view of a pod template: its containers with effective values, and field paths.

use crate::index::Index;
use crate::json::list;
use crate::path::push_key;
use crate::pod::{Container, PodSpec, PodTemplate, SecurityContext, Volume};

/// The three lists of containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerKind {
    /// `containers`
    Container,
    /// `initContainers`, sidecars included
    Init,
    /// `ephemeralContainers`
    Ephemeral,
}

impl ContainerKind {
    /// Every kind.
    pub const ALL: [ContainerKind; 3] = [ContainerKind::Container, ContainerKind::Init, ContainerKind::Ephemeral];

    /// The word of settings and of the machine-readable list.
    pub fn word(self) -> &'static str {
        match self {
            ContainerKind::Container => "container",
            ContainerKind::Init => "initContainer",
            ContainerKind::Ephemeral => "ephemeralContainer",
        }
    }

    /// The words of messages.
    pub fn title(self) -> &'static str {
        match self {
            ContainerKind::Container => "container",
            ContainerKind::Init => "init container",
            ContainerKind::Ephemeral => "ephemeral container",
        }
    }

    /// The field of the pod spec that lists such containers.
    pub fn field(self) -> &'static str {
        match self {
            ContainerKind::Container => "containers",
            ContainerKind::Init => "initContainers",
            ContainerKind::Ephemeral => "ephemeralContainers",
        }
    }
}

/// A pod template as one rule sees it: without the containers that are exempt.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    prefix: &'a str,
    template: &'a PodTemplate<'a>,
    spec: &'a PodSpec<'a>,
    exempt: &'a [bool],
}

/// A container with its place in the object.
#[derive(Debug, Clone, Copy)]
pub struct ContainerView<'a> {
    /// Which list it stands in.
    pub kind: ContainerKind,
    /// Its place in that list, from 0.
    pub index: usize,
    /// Its place among all containers of the pod, from 0.
    pub ordinal: usize,
    /// Its fields.
    pub container: &'a Container<'a>,
    prefix: &'a str,
    pod_context: &'a SecurityContext<'a>,
}

static NO_CONTEXT: SecurityContext<'static> = SecurityContext::EMPTY;
static NO_SPEC: PodSpec<'static> = PodSpec::EMPTY;

impl<'a> View<'a> {
    /// A view of `template`, which stands at `prefix` (with a trailing dot, or empty).
    ///
    /// `exempt` says for each container, in the order of [`View::all_containers`], whether the rule
    /// leaves it alone; a shorter slice exempts nothing more.
    pub fn new(prefix: &'a str, template: &'a PodTemplate<'a>, exempt: &'a [bool]) -> View<'a> {
        View { prefix, template, spec: template.spec.as_ref().unwrap_or(&NO_SPEC), exempt }
    }

    /// The same template with these containers exempt.
    pub(crate) fn without(self, exempt: &'a [bool]) -> View<'a> {
        View { exempt, ..self }
    }

    /// The pod spec.
    pub fn spec(&self) -> &'a PodSpec<'a> {
        self.spec
    }

    /// The template, for its annotations.
    pub fn template(&self) -> &'a PodTemplate<'a> {
        self.template
    }

    /// The pod's security context; one with nothing set if the pod has none.
    pub fn security_context(&self) -> &'a SecurityContext<'a> {
        self.spec.security_context.as_ref().unwrap_or(&NO_CONTEXT)
    }

    /// Whether the pod declares `spec.os.name: windows`.
    pub fn is_windows(&self) -> bool {
        self.spec.os.as_ref().and_then(|os| os.name.as_deref()) == Some("windows")
    }

    /// Whether the pod declares `hostUsers: false`: root in its containers is nobody on the node.
    pub fn has_user_namespace(&self) -> bool {
        self.spec.host_users == Some(false)
    }

    /// All containers: `containers`, `initContainers`, `ephemeralContainers`.
    pub fn all_containers(&self) -> std::vec::IntoIter<ContainerView<'a>> {
        View { exempt: &[], ..*self }.containers()
    }

    /// The containers that the rule judges: all but the exempt ones.
    // Collected, so that its loop is not compiled into every place that asks.
    #[inline(never)]
    pub fn containers(&self) -> std::vec::IntoIter<ContainerView<'a>> {
        let View { prefix, spec, .. } = *self;
        let pod_context = self.security_context();
        let (mut all, mut ordinal) = (Vec::new(), 0);
        for kind in ContainerKind::ALL {
            let containers = match kind {
                ContainerKind::Container => list(&spec.containers),
                ContainerKind::Init => list(&spec.init_containers),
                ContainerKind::Ephemeral => list(&spec.ephemeral_containers),
            };
            for (index, container) in containers.iter().enumerate() {
                if self.judges(ordinal) {
                    all.push(ContainerView { kind, index, ordinal, container, prefix, pod_context });
                }
                ordinal += 1;
            }
        }
        all.into_iter()
    }

    /// Whether the rule judges the container of this [`ContainerView::ordinal`].
    pub(crate) fn judges(&self, ordinal: usize) -> bool {
        !self.exempt.get(ordinal).copied().unwrap_or(false)
    }

    /// Whether the rule judges all containers.
    pub fn is_whole(&self) -> bool {
        !self.exempt.contains(&true)
    }

    /// The volumes that the rule judges, with their index: all but those that only exempt containers mount.
    pub fn volumes(&self) -> impl Iterator<Item = (usize, &'a Volume<'a>)> + use<'a> {
        let mounted = Held::volumes(self);
        let is_exempt = move |volume: &Volume<'_>| volume.name.as_deref().is_some_and(|name| mounted.is_exempt(name));
        self.spec.volumes().iter().enumerate().filter(move |(_, volume)| !is_exempt(volume))
    }

    /// The containers that take a value from the pod, where `inherits` says so of each.
    #[inline(never)]
    pub fn inherited(&self, inherits: &dyn Fn(&ContainerView<'a>) -> bool) -> Inherited<'a> {
        let (mut judged, mut by_exempt) = (Vec::new(), false);
        for container in self.all_containers().filter(inherits) {
            if self.judges(container.ordinal) {
                judged.push(container);
            } else {
                by_exempt = true;
            }
        }
        Inherited { judged, by_exempt }
    }

    /// Path of a field of the pod spec, as `spec.template.spec.hostNetwork`.
    pub fn spec_path(&self, field: &str) -> String {
        [self.prefix, "spec.", field].concat()
    }

    /// Path of an annotation of the template.
    pub fn annotation_path(&self, key: &str) -> String {
        let mut path = [self.prefix, "metadata.annotations"].concat();
        push_key(&mut path, key);
        path
    }
}

/// Who inherits a value of the pod.
#[derive(Debug, Clone)]
pub struct Inherited<'a> {
    /// The containers among them that the rule judges.
    pub judged: Vec<ContainerView<'a>>,
    /// Whether an exempt container inherits it too, so that a repair must leave the pod's value alone.
    pub by_exempt: bool,
}

/// Texts that containers have: those of all, and those of the ones that the rule judges.
pub(crate) struct Held<'a> {
    all: Index<'a>,
    judged: Index<'a>,
}

impl<'a> Held<'a> {
    /// The names of the containers.
    pub(crate) fn names(view: &View<'a>) -> Held<'a> {
        Held::new(view, |container, names| names.push(container.name()))
    }

    /// The names of the volumes that they mount.
    fn volumes(view: &View<'a>) -> Held<'a> {
        Held::new(view, |container, names| {
            names.extend(container.container.mounts().filter_map(|mount| mount.name.as_deref()));
        })
    }

    #[inline(never)]
    fn new(view: &View<'a>, collect: fn(ContainerView<'a>, &mut Vec<&'a str>)) -> Held<'a> {
        let (mut all, mut judged) = (Vec::new(), Vec::new());
        // Without exemptions nothing is an exempt container's.
        if !view.is_whole() {
            view.all_containers().for_each(|container| collect(container, &mut all));
            view.containers().for_each(|container| collect(container, &mut judged));
        }
        Held { all: Index::new(all), judged: Index::new(judged) }
    }

    /// Whether exempt containers have it, and no other.
    pub(crate) fn is_exempt(&self, text: &str) -> bool {
        self.all.has(text) && !self.judged.has(text)
    }
}

impl<'a> ContainerView<'a> {
    /// The container's name; empty if unset, which the API server refuses.
    pub fn name(&self) -> &'a str {
        self.container.name.as_deref().unwrap_or_default()
    }

    /// The container's own security context; one with nothing set if it has none.
    pub fn security_context(&self) -> &'a SecurityContext<'a> {
        self.container.security_context.as_ref().unwrap_or(&NO_CONTEXT)
    }

    /// The value that is in force: the container's own, else the pod's. The second part of the pair
    /// says where it stands.
    pub fn effective<T>(&self, field: impl Fn(&'a SecurityContext<'a>) -> Option<T>) -> Option<(T, Level)> {
        let own = field(self.security_context()).map(|value| (value, Level::Container));
        own.or_else(|| field(self.pod_context).map(|value| (value, Level::Pod)))
    }

    /// Path of a field of this container, as `spec.containers[0].image`.
    pub fn path(&self, field: &str) -> String {
        // No `format!`: a violation has two or three paths.
        [self.prefix, "spec.", self.kind.field(), "[", &self.index.to_string(), "].", field].concat()
    }

    /// Path of a field of the security context at `level`, as `spec.securityContext.runAsUser`.
    pub fn context_path(&self, level: Level, field: &str) -> String {
        match level {
            Level::Container => self.path(&["securityContext.", field].concat()),
            Level::Pod => [self.prefix, "spec.securityContext.", field].concat(),
        }
    }
}

/// Where a value of a security context stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// In the pod's security context.
    Pod,
    /// In the container's own.
    Container,
}
