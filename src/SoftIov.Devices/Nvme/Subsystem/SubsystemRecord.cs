using System.Collections.Immutable;

namespace SoftIov.Devices.Nvme;

/// <summary>All of a subsystem that survives a restart. Immutable.</summary>
public sealed record SubsystemRecord
{
    /// <summary>A subsystem that never had a namespace.</summary>
    public static SubsystemRecord Empty { get; } = new();

    /// <summary>Namespaces, by ascending identifier.</summary>
    public ImmutableArray<NamespaceRecord> Namespaces { get; init; } = [];

    /// <summary>The most recent sanitize operation.</summary>
    public SanitizeRecord Sanitize { get; init; } = SanitizeRecord.Never;

    /// <summary>The namespace with an identifier, or null.</summary>
    public NamespaceRecord? Find(uint id)
    {
        foreach (NamespaceRecord record in Namespaces)
        {
            if (record.Id == id)
                return record;
        }

        return null;
    }

    /// <summary>The lowest identifier that no namespace has.</summary>
    internal uint FirstFreeId
    {
        get
        {
            uint free = 1;
            while (free <= Namespaces.Length && Namespaces[(int)free - 1].Id == free)
                free++;
            return free;
        }
    }

    /// <summary>With one namespace added, or replaced when there is one of its identifier.</summary>
    internal SubsystemRecord With(NamespaceRecord record)
    {
        int index = 0;
        while (index < Namespaces.Length && Namespaces[index].Id < record.Id)
            index++;
        bool isNew = index == Namespaces.Length || Namespaces[index].Id != record.Id;
        return this with { Namespaces = isNew ? Namespaces.Insert(index, record) : Namespaces.SetItem(index, record) };
    }
}
