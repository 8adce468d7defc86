//! The composition: the provider's exports become what the component imports.

use std::collections::HashSet;

use wac_graph::types::{ItemKind, Package, SubtypeChecker, Types};
use wac_graph::{CompositionGraph, EncodeOptions, PackageId};

use crate::names::{Fit, Interface, fit};
use crate::{Error, PROVIDER};

/// Plugs the provider into a component.
///
/// # Errors
///
/// If the component does not fit; see [`Error`].
pub fn compose(component: &[u8]) -> Result<Vec<u8>, Error> {
    compose_with(component, PROVIDER)
}

/// Plugs another provider into a component.
///
/// # Errors
///
/// As [`compose`], and if the provider is none.
pub fn compose_with(component: &[u8], provider: &[u8]) -> Result<Vec<u8>, Error> {
    let mut graph = CompositionGraph::new();
    let socket = register(&mut graph, "component", component).map_err(Error::Component)?;
    let plug = register(&mut graph, "provider", provider).map_err(Error::Provider)?;
    let imports = matches(&graph, socket, plug)?;

    let socket_node = graph.instantiate(socket);
    let plug_node = graph.instantiate(plug);
    for (import, export) in imports {
        let argument = graph
            .alias_instance_export(plug_node, &export)
            .map_err(failure)?;
        graph
            .set_instantiation_argument(socket_node, &import, argument)
            .map_err(failure)?;
    }
    let exports: Vec<String> = world(&graph, socket).1.map(|(name, _)| name).collect();
    for name in exports {
        let export = graph
            .alias_instance_export(socket_node, &name)
            .map_err(failure)?;
        graph.export(export, name).map_err(failure)?;
    }
    graph.encode(EncodeOptions::default()).map_err(failure)
}

fn failure(error: impl std::error::Error) -> Error {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    Error::Composition(message)
}

fn register(graph: &mut CompositionGraph, name: &str, bytes: &[u8]) -> Result<PackageId, String> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())
        .map_err(|error| format!("{error:#}"))?;
    graph
        .register_package(package)
        .map_err(|error| error.to_string())
}

type Items<'a> = Box<dyn Iterator<Item = (String, ItemKind)> + 'a>;

/// What a component imports and exports.
fn world(graph: &CompositionGraph, package: PackageId) -> (Items<'_>, Items<'_>) {
    let world = &graph.types()[graph[package].ty()];
    let items = |(name, kind): (&String, &ItemKind)| (name.clone(), *kind);
    (
        Box::new(world.imports.iter().map(items)),
        Box::new(world.exports.iter().map(items)),
    )
}

fn is_of_package((name, _): &(String, ItemKind)) -> bool {
    Interface::parse(name).is_some()
}

/// For each interface of the package that the component imports, the provider's export.
fn matches(
    graph: &CompositionGraph,
    socket: PackageId,
    plug: PackageId,
) -> Result<Vec<(String, String)>, Error> {
    let (imports, mut exports) = world(graph, socket);
    let wanted: Vec<_> = imports.filter(is_of_package).collect();
    if wanted.is_empty() {
        return Err(match exports.find(is_of_package) {
            Some(_) => Error::Exports,
            None => Error::NoImport,
        });
    }
    let (mut imports, exports) = world(graph, plug);
    let provided: Vec<_> = exports.filter(is_of_package).collect();
    if provided.is_empty() {
        return Err(Error::NoProvider);
    }
    if let Some((name, _)) = imports.find(is_of_package) {
        return Err(Error::ProviderImports(name));
    }
    check_others(graph, socket)?;
    wanted
        .iter()
        .map(|(import, kind)| {
            let export = choose(graph.types(), import, *kind, &provided)?;
            Ok((import.clone(), export))
        })
        .collect()
}

/// The export that suits an import.
fn choose(
    types: &Types,
    import: &str,
    kind: ItemKind,
    provided: &[(String, ItemKind)],
) -> Result<String, Error> {
    let missing = || Error::Missing(import.to_owned());
    let wanted = Interface::parse(import).ok_or_else(missing)?;
    let mut unfit = None;
    for (export, export_kind) in provided {
        let Some(interface) = Interface::parse(export).filter(|it| it.name == wanted.name) else {
            continue;
        };
        let import = import.to_owned();
        let version = interface.shown_version();
        match fit(interface.version.as_ref(), wanted.version.as_ref()) {
            Fit::Fits => {
                let mut cache = HashSet::default();
                return SubtypeChecker::new(&mut cache)
                    .is_subtype(*export_kind, types, kind, types)
                    .map(|()| export.clone())
                    .map_err(|error| Error::Mismatch {
                        import,
                        reason: format!("{error:#}"),
                    });
            }
            Fit::Older => {
                unfit = Some(Error::Newer {
                    import,
                    provided: version,
                });
            }
            Fit::Other => {
                unfit.get_or_insert(Error::OtherVersion {
                    import,
                    provided: version,
                });
            }
        }
    }
    Err(unfit.unwrap_or_else(missing))
}

/// Holds that no other import uses the package: its resources would be those of another provider.
fn check_others(graph: &CompositionGraph, socket: PackageId) -> Result<(), Error> {
    let types = graph.types();
    let others = world(graph, socket).0.filter(|item| !is_of_package(item));
    for (import, kind) in others {
        let ItemKind::Instance(interface) = kind else {
            continue;
        };
        let used = types[interface].uses.values();
        let mut used = used.filter_map(|used| types[used.interface].id.clone());
        if let Some(uses) = used.find(|id| Interface::parse(id).is_some()) {
            return Err(Error::Shared { import, uses });
        }
    }
    Ok(())
}
