//! Apps of a line each, and what is to be found out about them.

/// An app.
pub(super) struct App {
    /// Its name: that of its workload.
    pub(super) name: &'static str,
    /// Its objects; IMAGE stands for the image.
    pub(super) manifest: &'static str,
    /// The verdict in the report.
    pub(super) verdict: &'static str,
    /// The smallest set of what it needs.
    pub(super) needed: &'static [&'static str],
    /// A part of the report about it.
    pub(super) seen: &'static str,
}

pub(super) const APPS: &[App] = &[
    App {
        name: "writer",
        manifest: "\
apiVersion: v1
kind: Pod
metadata: {name: writer}
spec:
  automountServiceAccountToken: false
  containers:
    - name: app # writes two folders
      image: IMAGE
      command: [sh, -c, 'mkdir -p /run/app; date > /data/state && date > /run/app/pid && exec sleep 100']
",
        verdict: "proven",
        needed: &[],
        seen: "an emptyDir at /data, where it wrote",
    },
    App {
        name: "chowner",
        manifest: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: chowner}
spec:
  selector: {matchLabels: {app: chowner}}
  template:
    metadata: {labels: {app: chowner}}
    spec:
      automountServiceAccountToken: false
      containers:
        - name: app
          image: IMAGE
          command: [sh, -c, 'touch /tmp/x && chown 1000 /tmp/x && exec sleep 100']
",
        verdict: "needs",
        needed: &["capability CHOWN", "user 0"],
        seen: "chown: /tmp/x: Operation not permitted",
    },
    App {
        name: "port",
        manifest: "\
apiVersion: v1
kind: Pod
metadata: {name: port}
spec:
  automountServiceAccountToken: false
  containers:
    - name: app
      image: IMAGE
      command: [nc, -ll, -p, '80', -e, 'true']
      readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 1}
",
        verdict: "needs",
        needed: &["capability NET_BIND_SERVICE", "user 0"],
        seen: "nc: bind: Permission denied",
    },
    App {
        name: "setuid",
        manifest: "\
apiVersion: v1
kind: Pod
metadata: {name: setuid}
spec:
  automountServiceAccountToken: false
  securityContext: {runAsUser: 1000, runAsGroup: 1000}
  containers:
    - name: app
      image: IMAGE
      command: [sh, -c, '/bin/su root -c true || exit 1; exec sleep 100']
",
        verdict: "needs",
        needed: &["capability SETGID", "privilegeEscalation true"],
        seen: "allow-privilege-escalation",
    },
    App {
        name: "big",
        manifest: "\
apiVersion: v1
kind: Pod
metadata: {name: big}
spec:
  automountServiceAccountToken: false
  containers:
    - name: app
      image: IMAGE
      command: [sh, -c, 'x=$(head -c 64000000 /dev/zero | tr \"\\\\0\" x); exec sleep 100']
      readinessProbe: {exec: {command: [grep, -q, ^sleep, /proc/1/cmdline]}, periodSeconds: 1}
",
        verdict: "proven",
        needed: &[],
        seen: "memory limit ",
    },
    App {
        name: "client",
        manifest: "\
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  automountServiceAccountToken: false
  containers:
    - name: app
      image: IMAGE
      env: [{name: DB, value: db}]
      command: [sh, -c, 'until nc -w 1 $(DB) 5432 < /dev/null; do sleep 0.1; done; touch /tmp/connected; exec sleep 100']
      readinessProbe: {exec: {command: [test, -f, /tmp/connected]}, periodSeconds: 1, failureThreshold: 8}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec:
  automountServiceAccountToken: false
  containers:
    - name: db
      image: IMAGE
      command: [nc, -ll, -p, '5432', -e, 'true']
",
        verdict: "proven",
        needed: &[],
        seen: "an emptyDir at /tmp",
    },
    App {
        name: "root",
        manifest: "\
apiVersion: v1
kind: Pod
metadata: {name: root}
spec:
  automountServiceAccountToken: false
  containers:
    - name: app
      image: IMAGE
      command: [sh, -c, '[ $(id -u) = 0 ] || { echo must be root; exit 1; }; exec sleep 100']
",
        verdict: "needs",
        needed: &["user 0"],
        seen: "must be root",
    },
    App {
        name: "never",
        manifest: "\
apiVersion: v1
kind: Pod
metadata: {name: never}
spec:
  containers:
    - name: app
      image: IMAGE
      command: [sh, -c, 'echo there is no configuration; exit 3']
",
        verdict: "notReady",
        needed: &[],
        seen: "ended with 3: \\\"there is no configuration\\\"",
    },
    App {
        name: "job",
        manifest: "\
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec:
  template:
    spec:
      automountServiceAccountToken: false
      restartPolicy: Never
      containers:
        - name: app
          image: IMAGE
          command: [sh, -c, 'date > /data/result']
",
        verdict: "proven",
        needed: &[],
        seen: "an emptyDir at /data",
    },
    App {
        name: "prepared",
        manifest: "\
apiVersion: v1
kind: ConfigMap
metadata: {name: page}
data: {index.html: hello}
---
apiVersion: v1
kind: Pod
metadata: {name: prepared}
spec:
  automountServiceAccountToken: false
  initContainers:
    - name: prepare
      image: IMAGE
      command: [cp, /config/index.html, /www/]
      volumeMounts: [{name: config, mountPath: /config}, {name: www, mountPath: /www}]
  containers:
    - name: app
      image: IMAGE
      command: [httpd, -f, -p, '8080', -h, /www]
      readinessProbe: {httpGet: {path: /index.html, port: 8080}, periodSeconds: 1}
      volumeMounts: [{name: www, mountPath: /www, readOnly: true}]
  volumes:
    - {name: config, configMap: {name: page}}
    - {name: www, emptyDir: {}}
",
        verdict: "proven",
        needed: &[],
        seen: "8080",
    },
];
