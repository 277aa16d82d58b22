using SoftIov.Devices.Nvme;

namespace SoftIov.Benchmarks.Nvme;

/// <summary>Records of namespaces that last as long as the bed.</summary>
internal sealed class KeptRecords : INamespaceRecords
{
    private SubsystemRecord _record = SubsystemRecord.Empty;

    public SubsystemRecord Load() => _record;

    public void Save(SubsystemRecord record) => _record = record;
}
