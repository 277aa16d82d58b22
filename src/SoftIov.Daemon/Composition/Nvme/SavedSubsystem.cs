using System.Text.Json.Serialization;
using SoftIov.Devices.Nvme;

namespace SoftIov.Daemon.Composition;

/// <summary>What the state directory keeps of a backing.</summary>
/// <param name="Backing">Path of the file or block device, for people.</param>
/// <param name="Subsystem">Its namespaces.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SavedSubsystem(string Backing, SubsystemRecord Subsystem);
