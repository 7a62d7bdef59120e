//! Who takes pay for a company: its source, or this very hub. It must not know what is sent.

use groupgraph_entities::{source, staff, staff_mapping};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::{
    error::Code,
    verb::{Failure, fault},
};

/// Who takes pay for a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiver {
    /// This hub: what is stored has arrived.
    Own,
    /// The source of this number.
    Source(i64),
}

impl Receiver {
    /// Finds it.
    ///
    /// # Errors
    /// `WRONG_STATE` on `tenant` if the company has no system, or one that takes no pay.
    pub async fn find<C: ConnectionTrait>(db: &C, tenant: i64) -> Result<Self, Failure> {
        let source = source::Entity::find().filter(source::Column::TenantId.eq(tenant)).one(db).await?;
        match source {
            Some(source) if source.mode == "LOCAL" => Ok(Self::Own),
            Some(source) if source.mode == "NATIVE" => Ok(Self::Source(source.id)),
            Some(_) => {
                let message = "The system of the company takes no pay: it is mapped, and its mapping has no mutation.";
                Err(fault(Code::WrongState, "tenant", message))
            }
            None => Err(fault(Code::WrongState, "tenant", "The company has no system that takes pay.")),
        }
    }

    /// Refuses a number behind which there is nobody, as far as this hub knows.
    ///
    /// # Errors
    /// `NOT_FOUND` on `remoteStaffNumber`.
    pub async fn knows<C: ConnectionTrait>(self, db: &C, tenant: i64, number: i32) -> Result<(), Failure> {
        let count = match self {
            Self::Own => {
                let own = staff::Entity::find_by_id(i64::from(number)).filter(staff::Column::TenantId.eq(tenant));
                own.count(db).await?
            }
            Self::Source(_) => {
                staff_mapping::Entity::find()
                    .filter(staff_mapping::Column::TenantId.eq(tenant))
                    .filter(staff_mapping::Column::RemoteStaffNumber.eq(number))
                    .count(db)
                    .await?
            }
        };
        if count == 0 {
            let message = "Nobody is mapped to this number at the company.";
            return Err(fault(Code::NotFound, "remoteStaffNumber", message));
        }
        Ok(())
    }
}
